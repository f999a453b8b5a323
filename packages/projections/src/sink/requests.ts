import type { PartitionOfGroup, SinkRequest } from '@headrace/consumer';
import { type QueryExecutorProvider, sql } from 'kysely';

interface RequestRow {
  readonly id: number;
  readonly kind: SinkRequest['kind'];
  readonly stream: string;
  readonly entry_id: string | null;
}

/** Asking for what is asked for already, and not done yet, changes nothing. */
export async function addRequest(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  request: {
    readonly kind: SinkRequest['kind'];
    readonly stream: string;
    readonly entryId?: string;
    readonly reason?: string;
  },
): Promise<void> {
  const { kind, stream, entryId = null, reason = null } = request;
  await sql`
    insert into consumer_requests (group_name, partition, kind, stream, entry_id, reason)
    values (${group}, ${partition}, ${kind}, ${stream}, ${entryId}, ${reason})
    on conflict do nothing`.execute(db);
}

/** Oldest first. */
export async function openRequests(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
): Promise<readonly SinkRequest[]> {
  const { rows } = await sql<RequestRow>`
    select id, kind, stream, entry_id from consumer_requests
    where group_name = ${group} and partition = ${partition} and finished_at is null
    order by id`.execute(db);
  return rows.map(requestOf);
}

function requestOf({ id, kind, stream, entry_id: entryId }: RequestRow): SinkRequest {
  if (kind === 'discard' && entryId !== null) return { id: String(id), kind, stream, entryId };
  return { id: String(id), kind: 'retry', stream };
}

/** Finished requests are kept: they say what was discarded, when and why. */
export async function finishRequest(tx: QueryExecutorProvider, id: string): Promise<void> {
  await sql`update consumer_requests set finished_at = now() where id = ${id} and finished_at is null`.execute(
    tx,
  );
}
