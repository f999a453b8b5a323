import { setTimeout as sleep } from 'node:timers/promises';
import { type CheckpointEvent, divergenceOf } from '@headrace/consumer';
import { compareEntryIds } from '@headrace/event-schema';
import { type EventStore, lastEntryId } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import { sql, type Transaction } from 'kysely';
import { projectionGroup } from '../projection/definition.ts';
import { assertRegistered, lockPointer } from './versions.ts';

const POLL_MS = 20;
/** Below the lock timeout of the active version's consumer, which waits meanwhile. */
const DEFAULT_WAIT_MS = 2_000;

/** A partition on which the version that is to become active is behind the active one. */
export interface PartitionBehind {
  readonly partition: number;
  /** Entry ids: what the target must have seen, and what it has. */
  readonly active: string;
  readonly target: string | null;
}

export type SwitchResult =
  | { readonly status: 'switched'; readonly from: number; readonly to: number }
  /** It was the active version already. */
  | { readonly status: 'unchanged'; readonly to: number }
  | { readonly status: 'behind'; readonly partitions: readonly PartitionBehind[] }
  | { readonly status: 'parked'; readonly parkedEvents: number }
  /** On these partitions the target has handled events that the log has lost; it cannot go on. */
  | { readonly status: 'diverged'; readonly partitions: readonly number[] };

export interface SwitchOptions {
  /** How long the other version may take to catch up with the active one, which is stopped meanwhile. Default 2 s. */
  readonly waitMs?: number;
  /**
   * The log to check both versions against. Where the active one has handled events that the log has lost, the target
   * need only have seen all that the log has; a target that has handled such events is refused. Default: no check.
   */
  readonly store?: Pick<EventStore, 'keys' | 'redis' | 'readEvent'>;
}

/**
 * Makes another version the active one, if it has seen at least as much on every partition and has nothing
 * parked; forth and back are the same. The active version's checkpoints stay locked until it is decided, so that an
 * event that a client has waited for does not disappear again.
 * @throws UnknownProjectionError
 */
export async function switchProjection<Tables>(
  database: Database<Tables>,
  name: string,
  to: number,
  options: SwitchOptions = {},
): Promise<SwitchResult> {
  const { waitMs = DEFAULT_WAIT_MS, store } = options;
  return await database.db.transaction().execute(async (tx) => {
    const from = await lockPointer({ db: tx }, name);
    await assertRegistered({ db: tx }, name, to);
    if (from === to) return { status: 'unchanged', to };
    const target = projectionGroup({ name, version: to });
    // such a version stands still: there is nothing to wait for
    const diverged = store === undefined ? [] : await divergedOf(await readCheckpoints(tx, target), store);
    if (diverged.length > 0) return { status: 'diverged', partitions: diverged };
    // the active one first: it stands still while the other catches up
    const active = await lockCheckpoints(tx, projectionGroup({ name, version: from }));
    const wanted = await seenOf(active, store);
    await untilCaughtUp(tx, wanted, target, waitMs);
    const behind = behindOf(wanted, await lockCheckpoints(tx, target));
    if (behind.length > 0) return { status: 'behind', partitions: behind };
    const parkedEvents = await countParked(tx, target);
    if (parkedEvents > 0) return { status: 'parked', parkedEvents };
    await movePointer(tx, name, from, to);
    return { status: 'switched', from, to };
  });
}

async function movePointer<Tables>(
  tx: Transaction<Tables>,
  name: string,
  from: number,
  to: number,
): Promise<void> {
  await sql`
    update projections set active_version = ${to}, previous_version = ${from}, switched_at = now()
    where name = ${name}`.execute(tx);
  await sql`
    update projection_versions set switch_when = null where name = ${name} and version = ${to}`.execute(tx);
}

type Checkpoints = ReadonlyMap<number, CheckpointEvent>;
type Log = NonNullable<SwitchOptions['store']>;

/** By partition, the last entry that the target must have seen. */
async function seenOf(active: Checkpoints, store: Log | undefined): Promise<ReadonlyMap<number, string>> {
  const seen = new Map<number, string>();
  const lost = store === undefined ? [] : await divergedOf(active, store);
  for (const [partition, { entryId }] of active) {
    const last =
      lost.includes(partition) && store ? await lastEntryId(store.redis, store.keys.log(partition)) : entryId;
    if (last !== null) seen.set(partition, last);
  }
  return seen;
}

async function divergedOf(checkpoints: Checkpoints, store: Log): Promise<number[]> {
  const found = await Promise.all(
    [...checkpoints].map(async ([partition, checkpoint]) =>
      (await divergenceOf(store, partition, checkpoint)) === null ? [] : [partition],
    ),
  );
  return found.flat();
}

interface CheckpointRow {
  readonly partition: number;
  readonly entry_id: string | null;
  readonly stream: string | null;
  readonly version: number;
}

async function lockCheckpoints<Tables>(tx: Transaction<Tables>, group: string): Promise<Checkpoints> {
  const { rows } = await sql<CheckpointRow>`
    select partition, entry_id, stream, version from consumer_checkpoints
    where group_name = ${group} order by partition for update`.execute(tx);
  return byPartition(rows);
}

async function readCheckpoints<Tables>(tx: Transaction<Tables>, group: string): Promise<Checkpoints> {
  const { rows } = await sql<CheckpointRow>`
    select partition, entry_id, stream, version from consumer_checkpoints
    where group_name = ${group}`.execute(tx);
  return byPartition(rows);
}

function byPartition(rows: readonly CheckpointRow[]): Checkpoints {
  return new Map(
    rows.map(({ partition, entry_id: entryId, stream, version }) => [
      partition,
      { entryId, stream, version },
    ]),
  );
}

async function untilCaughtUp<Tables>(
  tx: Transaction<Tables>,
  wanted: ReadonlyMap<number, string>,
  target: string,
  waitMs: number,
): Promise<void> {
  const until = performance.now() + waitMs;
  while (behindOf(wanted, await readCheckpoints(tx, target)).length > 0) {
    if (performance.now() >= until) return;
    await sleep(POLL_MS);
  }
}

/** Partitions on which the target has seen less than is wanted. */
function behindOf(wanted: ReadonlyMap<number, string>, target: Checkpoints): readonly PartitionBehind[] {
  const behind: PartitionBehind[] = [];
  for (const [partition, active] of wanted) {
    const reached = target.get(partition)?.entryId ?? null;
    if (reached === null || compareEntryIds(reached, active) < 0)
      behind.push({ partition, active, target: reached });
  }
  return behind;
}

async function countParked<Tables>(tx: Transaction<Tables>, group: string): Promise<number> {
  const { rows } = await sql<{ parked: number }>`
    select count(*) as parked from parked_events where group_name = ${group}`.execute(tx);
  return rows[0]?.parked ?? 0;
}
