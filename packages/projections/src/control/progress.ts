import { compareEntryIds, entryIdOf, formatPosition, parsePosition } from '@headrace/event-schema';
import { sql } from 'kysely';
import { type ProjectionVersion, projectionGroup } from '../projection/definition.ts';
import type { Queryable } from './queryable.ts';
import { NO_VERSION, UnknownProjectionError } from './versions.ts';

/** How far a version has come on one partition. */
export interface PartitionProgress {
  readonly partition: number;
  /** Position of the last event that needs no more work; null before the first. */
  readonly position: string | null;
  /** Stream and version of that event, to recognise it by. */
  readonly stream: string | null;
  readonly streamVersion: number;
  readonly handledEntries: number;
  readonly parkedEvents: number;
  readonly updatedAt: Date;
}

export interface ProjectionProgress extends ProjectionVersion {
  /** The version's consumer group. */
  readonly group: string;
  /** Those that have had an owner, in order. */
  readonly partitions: readonly PartitionProgress[];
  /** Entries of the log that need no more work, over all partitions. */
  readonly handledEntries: number;
  readonly parkedEvents: number;
}

interface ProgressRow {
  readonly partition: number;
  readonly entry_id: string | null;
  readonly stream: string | null;
  readonly version: number;
  readonly handled_entries: number;
  readonly parked: number;
  readonly updated_at: Date;
}

/** How far a version has come; without partitions if it never ran. */
export async function progressOf({ db }: Queryable, version: ProjectionVersion): Promise<ProjectionProgress> {
  const group = projectionGroup(version);
  const { rows } = await sql<ProgressRow>`
    select c.partition, c.entry_id, c.stream, c.version, c.handled_entries, c.updated_at,
      (select count(*) from parked_events e
       where e.group_name = c.group_name and e.partition = c.partition) as parked
    from consumer_checkpoints c where c.group_name = ${group} order by c.partition`.execute(db);
  const partitions = rows.map((row) => ({
    partition: row.partition,
    position: row.entry_id === null ? null : formatPosition(row.partition, row.entry_id),
    stream: row.stream,
    streamVersion: row.version,
    handledEntries: row.handled_entries,
    parkedEvents: row.parked,
    updatedAt: row.updated_at,
  }));
  return {
    name: version.name,
    version: version.version,
    group,
    partitions,
    handledEntries: partitions.reduce((sum, { handledEntries }) => sum + handledEntries, 0),
    parkedEvents: partitions.reduce((sum, { parkedEvents }) => sum + parkedEvents, 0),
  };
}

/** Whether an event's effect is in a read model: `parked` waits for an operator, `not-yet` (also a deferred event) for the worker. */
export type Materialised = 'yes' | 'parked' | 'not-yet';

/**
 * Whether the active version of a projection has the event at this position behind it.
 * @throws InvalidPositionError, UnknownProjectionError
 */
export async function materialised(
  database: Queryable,
  position: string,
  name: string,
): Promise<Materialised> {
  const [found] = await materialisedOf(database, [position], name);
  return found?.state ?? 'not-yet';
}

/** What the active version of a projection has of an event. */
export interface MaterialisedIn {
  readonly state: Materialised;
  readonly version: number;
}

/** As `materialised`, for many events at once, in their order, with the version that it is about; one query. */
export async function materialisedOf(
  { db }: Queryable,
  positions: readonly string[],
  name: string,
): Promise<readonly MaterialisedIn[]> {
  const asked = positions.map((position) => ({
    partition: parsePosition(position).partition,
    entry_id: entryIdOf(position),
  }));
  // one statement, so that pointer, checkpoint and dead letters are of one moment; the group as `projectionGroup` names
  // it; as JSON, whose rows PostgreSQL does not count: it would plan anew each time, which takes longer than the query
  const { rows } = await sql<MaterialisedRow>`
    select p.active_version as version, c.entry_id as reached, asked.entry_id as asked, exists (
      select 1 from parked_events e
      where e.group_name = c.group_name and e.partition = c.partition and e.entry_id = asked.entry_id) as parked,
    exists (
      select 1 from parked_events e join parked_events d using (group_name, partition, stream)
      where e.group_name = c.group_name and e.partition = c.partition and e.entry_id = asked.entry_id
        and d.retry_at is not null) as deferred
    from projections p
      cross join rows from (json_to_recordset(${JSON.stringify(asked)}) as (partition integer, entry_id text))
        with ordinality as asked(partition, entry_id, place)
      left join consumer_checkpoints c
        on c.group_name = 'projection:' || p.name || ':v' || p.active_version and c.partition = asked.partition
    where p.name = ${name} and p.active_version <> ${NO_VERSION}
    order by asked.place`.execute(db);
  if (rows.length !== positions.length) throw new UnknownProjectionError(name);
  return rows.map((row) => ({ state: stateOf(row), version: row.version }));
}

interface MaterialisedRow {
  readonly version: number;
  readonly reached: string | null;
  readonly asked: string;
  readonly parked: boolean;
  readonly deferred: boolean;
}

function stateOf({ reached, asked, parked, deferred }: MaterialisedRow): Materialised {
  if (parked) return deferred ? 'not-yet' : 'parked';
  return reached !== null && compareEntryIds(reached, asked) >= 0 ? 'yes' : 'not-yet';
}
