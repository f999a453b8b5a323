import type { ConsumerAdmin, PartitionState } from '@headrace/consumer';
import {
  type ProjectionState,
  projectionStates,
  projectionTable,
  type RegisteredVersion,
  UnknownProjectionError,
} from '@headrace/projections';
import { within } from '@headrace/service-kit';
import type { CatalogueEntry } from '../catalogue.ts';
import type { Declared } from '../declared/declarations.ts';
import type { Skipped } from '../declared/declared-projection.ts';
import { findSkipped } from '../queries/declared.ts';
import { logEntries } from './log-entries.ts';
import { type StatusSources, type VersionStatus, versionStatus } from './version-status.ts';

const TIMEOUT_MS = 1_000;
/** States that only an operator can end. */
const STUCK: ReadonlySet<PartitionState> = new Set(['paused', 'diverged']);

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
  /** Of a projection that was declared over HTTP. */
  readonly declaration?: DeclarationStatus;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly status: 'active' | 'rebuilding' | 'paused' | 'error';
  readonly previousVersion: number | null;
  readonly versions: readonly VersionStatus[];
}

/** What was declared, and how many events could not be used for it. */
export interface DeclarationStatus
  extends Pick<Declared['declaration'], 'key' | 'reduce'>,
    Pick<Declared, 'actor'> {
  readonly declaredAt: string;
  readonly skipped: Skipped;
}

/** @throws UnknownProjectionError for one that has been removed meanwhile */
export async function projectionStatus(
  sources: StatusSources,
  entry: CatalogueEntry,
): Promise<ProjectionStatus> {
  const [status] = await projectionStatuses(sources, [entry]);
  if (status === undefined) throw new UnknownProjectionError(entry.projection.name);
  return status;
}

/**
 * State of each projection, from the database and, for the lag, the log; without those that have been removed since
 * they were listed.
 */
export async function projectionStatuses(
  sources: StatusSources,
  entries: readonly CatalogueEntry[],
): Promise<readonly ProjectionStatus[]> {
  const [lengths, states] = await Promise.all([
    logEntries(sources.store),
    projectionStates(sources.database),
  ]);
  const live = new Map(
    states
      .filter(({ versions }) => versions.some(({ active }) => active))
      .map((state) => [state.name, state]),
  );
  return await Promise.all(
    entries.flatMap((entry) => {
      const state = live.get(entry.projection.name);
      if (state === undefined && entry.declared === undefined)
        throw new UnknownProjectionError(entry.projection.name);
      return state === undefined ? [] : [statusOf(sources, entry, state, lengths)];
    }),
  );
}

async function statusOf(
  sources: StatusSources,
  { projection, declared }: CatalogueEntry,
  state: ProjectionState,
  lengths: readonly number[] | null,
): Promise<ProjectionStatus> {
  const versions = await Promise.all(
    state.versions.map((version) => versionStatus(sources, state.name, version, lengths)),
  );
  const active = versions.find(({ state: is }) => is === 'active');
  if (active === undefined) throw new UnknownProjectionError(state.name);
  const { version, group, lastProcessedPosition, lag, progress, parkedEvents, updatedAt } = active;
  return {
    id: projection.name,
    name: declared?.declaration.name ?? projection.name,
    description: projection.description,
    ...(declared ? { declaration: await declarationStatus(sources, declared, version) } : {}),
    version,
    eventTypes: projection.types ?? ['*'],
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

async function declarationStatus(
  { database }: StatusSources,
  { id, declaration: { key, reduce }, declaredAt, actor }: Declared,
  version: number,
): Promise<DeclarationStatus> {
  const skipped = await findSkipped(database, projectionTable({ name: id, version }));
  return { key, reduce, declaredAt: declaredAt.toISOString(), actor, skipped };
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

/** Of the partitions that this instance owns; other instances report theirs. */
async function isStuck(consumers: readonly ConsumerAdmin[], group: string): Promise<boolean> {
  const consumer = consumers.find((candidate) => candidate.group === group);
  if (consumer === undefined) return false;
  try {
    const { partitions } = await within(TIMEOUT_MS, () => consumer.status());
    return partitions.some(({ state }) => STUCK.has(state));
  } catch {
    // its state is asked from Redis too, which may be gone
    return false;
  }
}
