import type { NewSinkRequest, PartitionOfGroup, SinkRequest } from '@headrace/consumer';
import { type QueryExecutorProvider, sql } from 'kysely';
import { storableText } from '../projection/columns.ts';

interface RequestRow {
  readonly id: number;
  readonly kind: SinkRequest['kind'];
  readonly stream: string | null;
  readonly entry_id: string | null;
  readonly how: 'rebuild' | 'accept' | null;
}

/** Asking for what is asked for already, and not done yet, changes nothing. */
export async function addRequest(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  request: NewSinkRequest,
): Promise<void> {
  const { kind, stream, entryId, how, reason, actor } = columnsOf(request);
  await sql`
    insert into consumer_requests (group_name, partition, kind, stream, entry_id, how, reason, actor)
    values (${group}, ${partition}, ${kind}, ${stream}, ${entryId}, ${how}, ${reason}, ${actor})
    on conflict do nothing`.execute(db);
}

function columnsOf(request: NewSinkRequest) {
  const none = { stream: null, entryId: null, how: null, reason: null, actor: null };
  const { kind } = request;
  switch (request.kind) {
    case 'retry':
      return { ...none, kind, stream: request.stream };
    case 'discard': {
      const { stream, entryId, reason } = request;
      return { ...none, kind, stream, entryId, reason: storableText(reason) };
    }
    case 'resync': {
      const { how, reason, actor } = request;
      const who = actor === null ? null : storableText(actor);
      return { ...none, kind, how, reason: storableText(reason), actor: who };
    }
  }
}

/** Oldest first. */
export async function openRequests(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
): Promise<readonly SinkRequest[]> {
  const { rows } = await sql<RequestRow>`
    select id, kind, stream, entry_id, how from consumer_requests
    where group_name = ${group} and partition = ${partition} and finished_at is null
    order by id`.execute(db);
  return rows.map(requestOf);
}

/** Constraints of the table say which columns each kind has. */
function requestOf({ id: number, kind, stream, entry_id, how }: RequestRow): SinkRequest {
  const id = String(number);
  if (kind === 'resync') return { id, kind, how: how ?? 'accept' };
  if (kind === 'discard') return { id, kind, stream: stream ?? '', entryId: entry_id ?? '' };
  return { id, kind, stream: stream ?? '' };
}

/** Finished requests are kept: they say what was done, when and why. */
export async function finishRequest(
  tx: QueryExecutorProvider,
  id: string,
  outcome: string | null,
): Promise<void> {
  await sql`
    update consumer_requests set finished_at = now(), outcome = ${outcome}
    where id = ${id} and finished_at is null`.execute(tx);
}

/** Of all partitions. */
export async function finishAllRequests(
  tx: QueryExecutorProvider,
  group: string,
  outcome: string,
): Promise<void> {
  await sql`
    update consumer_requests set finished_at = now(), outcome = ${outcome}
    where group_name = ${group} and finished_at is null`.execute(tx);
}
