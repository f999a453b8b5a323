import type {
  NewSinkRequest,
  OperatorRequest,
  PartitionOfGroup,
  RequestFilter,
  SinkRequest,
} from '@headrace/consumer';
import { formatPosition } from '@headrace/event-schema';
import { type QueryExecutorProvider, sql } from 'kysely';
import { storableText } from '../storable-text.ts';

interface RequestRow {
  readonly id: number;
  readonly kind: SinkRequest['kind'];
  readonly stream: string | null;
  readonly entry_id: string | null;
  readonly how: 'rebuild' | 'accept' | null;
}

type Asked = NewSinkRequest & Pick<PartitionOfGroup, 'partition'>;

/** Asking for what is asked for already, and not done yet, changes nothing. */
export async function addRequests(
  db: QueryExecutorProvider,
  group: string,
  requests: readonly Asked[],
): Promise<void> {
  const rows = requests.map(columnsOf);
  const column = <Value>(cellOf: (row: ReturnType<typeof columnsOf>) => Value): Value[] => rows.map(cellOf);
  await sql`
    insert into consumer_requests (group_name, partition, kind, stream, entry_id, how, reason, actor)
    select ${group}, asked.*
    from unnest(
      ${column(({ partition }) => partition)}::integer[],
      ${column(({ kind }) => kind)}::text[],
      ${column(({ stream }) => stream)}::text[],
      ${column(({ entryId }) => entryId)}::text[],
      ${column(({ how }) => how)}::text[],
      ${column(({ reason }) => reason)}::text[],
      ${column(({ actor }) => actor)}::text[]
    ) as asked
    on conflict do nothing`.execute(db);
}

function columnsOf(request: Asked) {
  const { kind, partition, actor: asker = null } = request;
  const actor = asker === null || asker === '' ? null : storableText(asker);
  const row = { kind, partition, actor, stream: null, entryId: null, how: null, reason: null };
  switch (request.kind) {
    case 'retry':
      return { ...row, stream: request.stream };
    case 'discard': {
      const { stream, entryId, reason } = request;
      return { ...row, stream, entryId, reason: storableText(reason) };
    }
    case 'resync':
      return { ...row, how: request.how, reason: storableText(request.reason) };
  }
}

/** Requests that an owner carries out before it asks for more. */
const AT_ONCE = 100;

/** Resyncs first, then the oldest. */
export async function openRequests(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
): Promise<readonly SinkRequest[]> {
  const { rows } = await sql<RequestRow>`
    select id, kind, stream, entry_id, how from consumer_requests
    where group_name = ${group} and partition = ${partition} and finished_at is null
    order by kind <> 'resync', id limit ${AT_ONCE}`.execute(db);
  return rows.map(requestOf);
}

/** Constraints of the table say which columns each kind has. */
function requestOf({ id: number, kind, stream, entry_id, how }: RequestRow): SinkRequest {
  const id = String(number);
  if (kind === 'resync') return { id, kind, how: how ?? 'accept' };
  if (kind === 'discard') return { id, kind, stream: stream ?? '', entryId: entry_id ?? '' };
  return { id, kind, stream: stream ?? '' };
}

interface OperatorRequestRow extends Omit<RequestRow, 'id' | 'how'> {
  readonly partition: number;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly requested_at: Date;
  readonly finished_at: Date | null;
  readonly outcome: string | null;
}

/** What is open, then what was done last; of each the newest first. */
export async function requestsOf(
  db: QueryExecutorProvider,
  group: string,
  limit: number,
  { stream, isOpen }: RequestFilter,
): Promise<readonly OperatorRequest[]> {
  const ofStream = stream === undefined ? sql`true` : sql`stream = ${storableText(stream)}`;
  const inState =
    isOpen === undefined ? sql`true` : isOpen ? sql`finished_at is null` : sql`finished_at is not null`;
  const { rows } = await sql<OperatorRequestRow>`
    select partition, kind, stream, entry_id, reason, actor, requested_at, finished_at, outcome
    from consumer_requests where group_name = ${group} and ${ofStream} and ${inState}
    order by finished_at desc nulls first, id desc limit ${limit}`.execute(db);
  return rows.map(({ partition, kind, stream, entry_id: entryId, ...row }) => ({
    ...{ partition, kind, stream, reason: row.reason, actor: row.actor, outcome: row.outcome },
    eventId: entryId === null ? null : formatPosition(partition, entryId),
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }));
}

/** Finished requests are kept: they say what was done, when and why. */
export async function finishRequest(
  tx: QueryExecutorProvider,
  id: string,
  outcome: string | null,
): Promise<void> {
  await sql`
    update consumer_requests set finished_at = now(), outcome = ${outcome === null ? null : storableText(outcome)}
    where id = ${id} and finished_at is null`.execute(tx);
}

/** Of all partitions. */
export async function finishAllRequests(
  tx: QueryExecutorProvider,
  group: string,
  outcome: string,
): Promise<void> {
  await sql`
    update consumer_requests set finished_at = now(), outcome = ${storableText(outcome)}
    where group_name = ${group} and finished_at is null`.execute(tx);
}
