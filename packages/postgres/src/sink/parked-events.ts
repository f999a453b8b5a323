import type {
  DeadLetterTotals,
  ParkedEvent,
  ParkedPlace,
  PartitionOfGroup,
  StoredParkedEvent,
  Takeover,
} from '@headrace/consumer';
import { type QueryExecutorProvider, sql } from 'kysely';
import { storableText } from '../storable-text.ts';

interface ParkedRow {
  readonly group_name: string;
  readonly partition: number;
  readonly stream: string;
  readonly entry_id: string;
  readonly cause: ParkedEvent['cause'];
  readonly error: string | null;
  readonly stack: string | null;
  readonly attempts: number;
  readonly instance: string;
  readonly parked_at: Date;
  readonly retry_at: Date | null;
}

/** Named, since a prepared statement does not survive a change of its columns. */
const parkedColumns = sql`group_name, partition, stream, entry_id, cause, error, stack, attempts, instance, parked_at, retry_at`;
/** Entry ids are `<ms>-<seq>`: two numbers, which do not sort as text. */
const entryOrder = sql`string_to_array(entry_id, '-')::numeric[]`;

/** Once parked, an event keeps its time of parking. */
export async function park(
  tx: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  events: readonly ParkedEvent[],
): Promise<void> {
  const column = <Value>(cellOf: (event: ParkedEvent) => Value): Value[] => events.map(cellOf);
  await sql`
    insert into parked_events (group_name, partition, stream, entry_id, cause, error, stack, attempts, instance, retry_at)
    select ${group}, ${partition}::integer, parked.*
    from unnest(
      ${column(({ stream }) => stream)}::text[],
      ${column(({ entryId }) => entryId)}::text[],
      ${column(({ cause }) => cause)}::text[],
      ${column(({ error }) => storableError(error))}::text[],
      ${column(({ stack }) => storableError(stack))}::text[],
      ${column(({ attempts }) => attempts)}::integer[],
      ${column(({ instance }) => instance)}::text[],
      ${column(({ retryAt }) => retryAt)}::timestamptz[]
    ) as parked
    on conflict (group_name, partition, stream, entry_id) do update
      set cause = excluded.cause, error = excluded.error, stack = excluded.stack, attempts = excluded.attempts,
          instance = excluded.instance, retry_at = excluded.retry_at`.execute(tx);
}

/** An error may quote an event's data, with characters that no text column takes: it must not stop the parking. */
function storableError(error: string | null): string | null {
  return error === null ? null : storableText(error);
}

/** Where it was deferred, the one behind it on its stream is from then on. False: it was not parked. */
export async function unpark(
  tx: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  event: { readonly stream: string; readonly entryId: string },
): Promise<boolean> {
  const { rows } = await sql<{ retry_at: Date | null }>`
    delete from parked_events
    where group_name = ${group} and partition = ${partition}
      and stream = ${event.stream} and entry_id = ${event.entryId}
    returning retry_at`.execute(tx);
  const [removed] = rows;
  if (removed === undefined) return false;
  if (removed.retry_at !== null) {
    await sql`
      update parked_events set cause = 'deferred', retry_at = ${removed.retry_at}
      where group_name = ${group} and partition = ${partition} and stream = ${event.stream}
        and cause = 'blocked' and entry_id = (
          select entry_id from parked_events
          where group_name = ${group} and partition = ${partition} and stream = ${event.stream}
          order by ${entryOrder} limit 1)`.execute(tx);
  }
  return true;
}

/** Of all partitions. */
export async function unparkAll(tx: QueryExecutorProvider, group: string): Promise<void> {
  await sql`delete from parked_events where group_name = ${group}`.execute(tx);
}

/** False: it is not parked. */
export async function failedAgain(
  tx: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  event: ParkedEvent,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update parked_events
    set cause = ${event.cause}, error = ${storableError(event.error)},
        stack = ${storableError(event.stack)}, attempts = ${event.attempts},
        instance = ${event.instance}, retry_at = ${event.retryAt}
    where group_name = ${group} and partition = ${partition}
      and stream = ${event.stream} and entry_id = ${event.entryId}`.execute(tx);
  return numAffectedRows === 1n;
}

/** Streams with a parked event, and those of them with a deferred one, with the time of its next attempt. */
export async function heldStreams(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
): Promise<Pick<Extract<Takeover, { status: 'taken' }>, 'blocked' | 'deferred'>> {
  const { rows } = await sql<{ stream: string; retry_at: Date | null }>`
    select stream, max(retry_at) as retry_at from parked_events
    where group_name = ${group} and partition = ${partition} group by stream`.execute(db);
  const deferred = rows.flatMap(({ stream, retry_at: at }) =>
    at === null ? [] : [[stream, at.getTime()] as const],
  );
  return { blocked: rows.map(({ stream }) => stream), deferred: new Map(deferred) };
}

export async function parkedOf(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  stream: string,
): Promise<readonly StoredParkedEvent[]> {
  const { rows } = await sql<ParkedRow>`
    select ${parkedColumns} from parked_events
    where group_name = ${group} and partition = ${partition} and stream = ${stream}
    order by ${entryOrder}`.execute(db);
  return rows.map(storedOf);
}

export async function parkedIn(
  db: QueryExecutorProvider,
  group: string,
  limit: number,
  after?: ParkedPlace,
): Promise<readonly StoredParkedEvent[]> {
  const isAfter =
    after === undefined
      ? sql`true`
      : sql`(partition, stream, ${entryOrder}) >
          (${after.partition}::integer, ${storableText(after.stream)}::text, string_to_array(${after.entryId}, '-')::numeric[])`;
  const { rows } = await sql<ParkedRow>`
    select ${parkedColumns} from parked_events where group_name = ${group} and ${isAfter}
    order by partition, stream, ${entryOrder} limit ${limit}`.execute(db);
  return rows.map(storedOf);
}

export async function totalsOf(db: QueryExecutorProvider, group: string): Promise<DeadLetterTotals> {
  const { rows } = await sql<{ streams: number; events: number; requests: number }>`
    select count(distinct (partition, stream))::integer as streams, count(*)::integer as events,
      (select count(*)::integer from consumer_requests
       where group_name = ${group} and finished_at is null) as requests
    from parked_events where group_name = ${group}`.execute(db);
  const [{ streams, events, requests } = { streams: 0, events: 0, requests: 0 }] = rows;
  return { streams, events, openRequests: requests };
}

function storedOf(row: ParkedRow): StoredParkedEvent {
  const { stream, partition, cause, error, stack, attempts, instance } = row;
  return {
    group: row.group_name,
    partition,
    stream,
    entryId: row.entry_id,
    cause,
    error,
    stack,
    attempts,
    instance,
    parkedAt: row.parked_at.toISOString(),
    retryAt: row.retry_at?.toISOString() ?? null,
  };
}
