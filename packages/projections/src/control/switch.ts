import { setTimeout as sleep } from 'node:timers/promises';
import { compareEntryIds } from '@headrace/event-schema';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import { projectionGroup } from '../projection/definition.ts';
import { UnknownProjectionError } from './versions.ts';

const POLL_MS = 20;
/** Below the lock timeout of the active version's consumer, which waits meanwhile. */
const DEFAULT_WAIT_MS = 2_000;

/** Where a partition stands in the version that is to become active; `target` is behind `active`. */
export interface PartitionBehind {
  readonly partition: number;
  /** Entry ids of the checkpoints. */
  readonly active: string;
  readonly target: string | null;
}

export type SwitchResult =
  | { readonly status: 'switched'; readonly from: number; readonly to: number }
  /** It was the active version already. */
  | { readonly status: 'unchanged'; readonly to: number }
  | { readonly status: 'behind'; readonly partitions: readonly PartitionBehind[] }
  | { readonly status: 'parked'; readonly parkedEvents: number };

export interface SwitchOptions {
  /** How long the other version may take to catch up with the active one, which is stopped meanwhile. Default 2 s. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Makes another version the active one, if it has seen at least as much on every partition and has nothing
 * parked; forth and back are the same. The active version's checkpoints stay locked until it is decided, so that
 * nobody who waited for an event sees it vanish.
 * @throws UnknownProjectionError
 */
export async function switchProjection<Tables>(
  database: Database<Tables>,
  name: string,
  to: number,
  options: SwitchOptions = {},
): Promise<SwitchResult> {
  const { waitMs = DEFAULT_WAIT_MS, signal } = options;
  return await database.db.transaction().execute(async (tx) => {
    const from = await lockPointer(tx, name);
    await assertRegistered(tx, name, to);
    if (from === to) return { status: 'unchanged', to };
    // the active one first: it stands still while the other catches up
    const active = await lockCheckpoints(tx, projectionGroup({ name, version: from }));
    const target = projectionGroup({ name, version: to });
    await untilCaughtUp(tx, active, target, waitMs, signal);
    const behind = behindOf(active, await lockCheckpoints(tx, target));
    if (behind.length > 0) return { status: 'behind', partitions: behind };
    const parkedEvents = await countParked(tx, target);
    if (parkedEvents > 0) return { status: 'parked', parkedEvents };
    await sql`
      update projections set active_version = ${to}, switched_at = now() where name = ${name}`.execute(tx);
    return { status: 'switched', from, to };
  });
}

type Checkpoints = ReadonlyMap<number, string | null>;

/** Switches of one projection wait for each other here; no consumer locks it. */
async function lockPointer<Tables>(tx: Transaction<Tables>, name: string): Promise<number> {
  const { rows } = await sql<{ active_version: number }>`
    select active_version from projections where name = ${name} for update`.execute(tx);
  const [row] = rows;
  if (row === undefined) throw new UnknownProjectionError(name);
  return row.active_version;
}

async function assertRegistered<Tables>(
  tx: Transaction<Tables>,
  name: string,
  version: number,
): Promise<void> {
  const { rows } = await sql`
    select 1 from projection_versions where name = ${name} and version = ${version}`.execute(tx);
  if (rows.length === 0) throw new UnknownProjectionError(name, version);
}

async function lockCheckpoints<Tables>(tx: Transaction<Tables>, group: string): Promise<Checkpoints> {
  const { rows } = await sql<{ partition: number; entry_id: string | null }>`
    select partition, entry_id from consumer_checkpoints
    where group_name = ${group} order by partition for update`.execute(tx);
  return new Map(rows.map(({ partition, entry_id }) => [partition, entry_id]));
}

async function readCheckpoints<Tables>(tx: Transaction<Tables>, group: string): Promise<Checkpoints> {
  const { rows } = await sql<{ partition: number; entry_id: string | null }>`
    select partition, entry_id from consumer_checkpoints where group_name = ${group}`.execute(tx);
  return new Map(rows.map(({ partition, entry_id }) => [partition, entry_id]));
}

async function untilCaughtUp<Tables>(
  tx: Transaction<Tables>,
  active: Checkpoints,
  target: string,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const until = performance.now() + waitMs;
  while (behindOf(active, await readCheckpoints(tx, target)).length > 0) {
    if (performance.now() >= until) return;
    await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** Partitions on which the target has seen less than the active version. */
function behindOf(active: Checkpoints, target: Checkpoints): readonly PartitionBehind[] {
  const behind: PartitionBehind[] = [];
  for (const [partition, seen] of active) {
    const other = target.get(partition) ?? null;
    if (seen === null) continue;
    if (other === null || compareEntryIds(other, seen) < 0)
      behind.push({ partition, active: seen, target: other });
  }
  return behind;
}

async function countParked<Tables>(tx: Transaction<Tables>, group: string): Promise<number> {
  const { rows } = await sql<{ parked: number }>`
    select count(*) as parked from parked_events where group_name = ${group}`.execute(tx);
  return rows[0]?.parked ?? 0;
}
