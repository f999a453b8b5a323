import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import {
  divergedPartitions,
  type ProjectionProgress,
  type ProjectionRunner,
  progressOf,
  type RegisteredVersion,
  type VersionComparison,
} from '@headrace/projections';
import { within } from '@headrace/service-kit';

/** Where the status of a projection comes from. */
export interface StatusSources {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis' | 'readEvent'>;
  readonly database: Database<unknown>;
  readonly runner: Pick<ProjectionRunner, 'admins' | 'eventsPerSecond'>;
}

const TIMEOUT_MS = 1_000;

/** How far a version has come, and how long it will take at the present speed. */
export interface VersionProgress {
  readonly handledEvents: number;
  readonly totalEvents: number | null;
  readonly eventsToGo: number | null;
  readonly percent: number | null;
  /** Only while it is being built. */
  readonly eventsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** One version of a projection: its table and its consumer group. */
export interface VersionStatus {
  readonly version: number;
  /** The version of the code that fills it. */
  readonly foldVersion: number;
  /** `building`: it waits for the switch; `standby`: it could be switched to; `retiring`: it is about to go. */
  readonly state: 'active' | 'building' | 'standby' | 'retiring';
  readonly switch: 'auto' | 'manual' | null;
  readonly group: string;
  readonly lastProcessedPosition: Readonly<Record<string, string | null>>;
  readonly lag: number | null;
  readonly progress: VersionProgress;
  readonly parkedEvents: number;
  /** Partitions that stand still, because they have handled what the log has lost. */
  readonly divergedPartitions: readonly number[] | null;
  readonly comparison: VersionComparison | null;
  readonly updatedAt: string | null;
}

export async function versionStatus(
  sources: StatusSources,
  name: string,
  registered: RegisteredVersion,
  entries: readonly number[] | null,
): Promise<VersionStatus> {
  const { version, foldVersion, comparison, switchWhen } = registered;
  const progress = await progressOf(sources.database, { name, version });
  const begun = progress.partitions;
  const positions = new Map(begun.map(({ partition, position }) => [partition, position]));
  const total = entries === null ? null : entries.reduce((sum, count) => sum + count, 0);
  const latest = Math.max(...begun.map(({ updatedAt }) => updatedAt.getTime()));
  const speed = switchWhen === null ? null : sources.runner.eventsPerSecond({ name, version });
  const numbers = progressNumbers(progress.handledEntries, total, speed);
  return {
    version,
    foldVersion,
    state: stateOf(registered),
    switch: switchWhen === null ? null : switchWhen === 'asked' ? 'manual' : 'auto',
    group: progress.group,
    lastProcessedPosition: Object.fromEntries(
      Array.from({ length: sources.store.partitions }, (_, partition) => [
        `${partition}`,
        positions.get(partition) ?? null,
      ]),
    ),
    lag: numbers.eventsToGo,
    progress: numbers,
    parkedEvents: progress.parkedEvents,
    divergedPartitions: entries === null ? null : await divergedOf(sources, progress),
    comparison,
    updatedAt: begun.length === 0 ? null : new Date(latest).toISOString(),
  };
}

function stateOf({ active, retired, switchWhen }: RegisteredVersion): VersionStatus['state'] {
  if (active) return 'active';
  if (retired) return 'retiring';
  return switchWhen === null ? 'standby' : 'building';
}

/** Null while Redis cannot tell. */
async function divergedOf(
  { store }: StatusSources,
  progress: ProjectionProgress,
): Promise<readonly number[] | null> {
  try {
    return await within(TIMEOUT_MS, () => divergedPartitions(store, progress));
  } catch {
    return null;
  }
}

function progressNumbers(handled: number, total: number | null, speed: number | null): VersionProgress {
  const eventsToGo = total === null ? null : Math.max(0, total - handled);
  return {
    handledEvents: handled,
    totalEvents: total,
    eventsToGo,
    percent: percentOf(handled, total),
    eventsPerSecond: speed === null ? null : Math.round(speed),
    secondsLeft: secondsLeft(eventsToGo, speed),
  };
}

/** Null where nothing moves. */
function secondsLeft(toGo: number | null, speed: number | null): number | null {
  if (toGo === 0) return 0;
  return toGo === null || speed === null || speed <= 0 ? null : Math.ceil(toGo / speed);
}

/** Rounded down, so that 100 means all. */
function percentOf(handled: number, total: number | null): number | null {
  if (total === null) return null;
  return total === 0 ? 100 : Math.min(100, Math.floor((1_000 * handled) / total) / 10);
}
