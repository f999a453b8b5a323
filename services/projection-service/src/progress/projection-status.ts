import type { ConsumerAdmin, PartitionState } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import {
  type Database,
  type Projection,
  type ProjectionRunner,
  type ProjectionState,
  projectionStates,
  type RegisteredVersion,
  UnknownProjectionError,
} from '@headrace/projections';
import { within } from '@headrace/service-kit';
import { logEntries } from './log-entries.ts';
import { type VersionStatus, versionStatus } from './version-status.ts';

const TIMEOUT_MS = 1_000;
/** States that only an operator can end. */
const STUCK: ReadonlySet<PartitionState> = new Set(['paused', 'diverged']);

type Described = Pick<Projection<unknown>, 'name' | 'version' | 'description' | 'types'>;

export interface StatusSources {
  readonly store: Pick<EventStore, 'partitions' | 'keys' | 'redis' | 'readEvent'>;
  readonly database: Database<unknown>;
  readonly runner: Pick<ProjectionRunner, 'admins' | 'eventsPerSecond'>;
}

/**
 * A projection as operators see it; what it has of a version is the active one's. Lags and what follows from them
 * are null while Redis cannot tell.
 */
export interface ProjectionStatus
  extends Pick<
    VersionStatus,
    'version' | 'group' | 'lastProcessedPosition' | 'lag' | 'progress' | 'parkedEvents' | 'updatedAt'
  > {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly status: 'active' | 'rebuilding' | 'paused' | 'error';
  readonly previousVersion: number | null;
  readonly versions: readonly VersionStatus[];
}

/** State of each projection, from the database and, for the lag, the log. */
export async function projectionStatuses(
  sources: StatusSources,
  projections: readonly Described[],
): Promise<readonly ProjectionStatus[]> {
  const [entries, states] = await Promise.all([
    logEntries(sources.store),
    projectionStates(sources.database),
  ]);
  return await Promise.all(
    projections.map((projection) => {
      const state = states.find(({ name }) => name === projection.name);
      if (state === undefined) throw new UnknownProjectionError(projection.name);
      return statusOf(sources, projection, state, entries);
    }),
  );
}

async function statusOf(
  sources: StatusSources,
  { name, description, types }: Described,
  state: ProjectionState,
  entries: readonly number[] | null,
): Promise<ProjectionStatus> {
  const versions = await Promise.all(
    state.versions.map((version) => versionStatus(sources, state.name, version, entries)),
  );
  const active = versions.find(({ state: is }) => is === 'active');
  if (active === undefined) throw new UnknownProjectionError(name);
  const { version, group, lastProcessedPosition, lag, progress, parkedEvents, updatedAt } = active;
  return {
    id: name,
    name,
    description,
    version,
    eventTypes: types ?? ['*'],
    status: await summaryOf(sources, state, active),
    group,
    lastProcessedPosition,
    lag,
    progress,
    parkedEvents,
    updatedAt,
    previousVersion: state.previousVersion,
    versions,
  };
}

async function summaryOf(
  { runner }: StatusSources,
  { paused, versions }: ProjectionState,
  active: VersionStatus,
): Promise<ProjectionStatus['status']> {
  if (paused) return 'paused';
  if (active.parkedEvents > 0 || (active.divergedPartitions?.length ?? 0) > 0) return 'error';
  if (await isStuck(runner.admins, active.group)) return 'error';
  return versions.some(isBuild) ? 'rebuilding' : 'active';
}

function isBuild({ switchWhen }: RegisteredVersion): boolean {
  return switchWhen !== null;
}

/** Of the partitions that this instance owns; others tell for theirs. */
async function isStuck(consumers: readonly ConsumerAdmin[], group: string): Promise<boolean> {
  const consumer = consumers.find((one) => one.group === group);
  if (consumer === undefined) return false;
  try {
    const { partitions } = await within(TIMEOUT_MS, () => consumer.status());
    return partitions.some(({ state }) => STUCK.has(state));
  } catch {
    // its state is asked from Redis too, which may be gone
    return false;
  }
}
