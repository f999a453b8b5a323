import {
  compareEntryIds,
  entryIdOf,
  formatPosition,
  parsePosition,
  partitionOfPosition,
} from '@headrace/event-schema';
import { sql } from 'kysely';
import { type ProjectionVersion, projectionGroup } from '../projection/definition.ts';
import { NO_VERSION, type Queryable, UnknownProjectionError } from './versions.ts';

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
  /** Entries of the log that are done with, of all partitions. */
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
export async function progressOf({ db }: Queryable, of: ProjectionVersion): Promise<ProjectionProgress> {
  const group = projectionGroup(of);
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
    name: of.name,
    version: of.version,
    group,
    partitions,
    handledEntries: partitions.reduce((sum, one) => sum + one.handledEntries, 0),
    parkedEvents: partitions.reduce((sum, one) => sum + one.parkedEvents, 0),
  };
}

/** Whether an event's effect is in a read model: `parked` waits for an operator, `not-yet` for the worker. */
export type Materialised = 'yes' | 'parked' | 'not-yet';

/**
 * Whether the active version of a projection has the event at this position behind it.
 * @throws InvalidPositionError, UnknownProjectionError
 */
export async function materialised({ db }: Queryable, position: string, name: string): Promise<Materialised> {
  parsePosition(position);
  const entryId = entryIdOf(position);
  // one statement, so that pointer, checkpoint and dead letters are of one moment; the group as `projectionGroup` names it
  const partition = partitionOfPosition(position);
  const { rows } = await sql<{ entry_id: string | null; parked: boolean }>`
    select c.entry_id, exists (
      select 1 from parked_events e
      where e.group_name = c.group_name and e.partition = c.partition and e.entry_id = ${entryId}) as parked
    from projections p left join consumer_checkpoints c
      on c.group_name = 'projection:' || p.name || ':v' || p.active_version and c.partition = ${partition}
    where p.name = ${name} and p.active_version <> ${NO_VERSION}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new UnknownProjectionError(name);
  if (row.parked) return 'parked';
  return row.entry_id !== null && compareEntryIds(row.entry_id, entryId) >= 0 ? 'yes' : 'not-yet';
}
