import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import {
  compareVersions,
  type ProjectionState,
  type SwitchResult,
  switchProjection,
  type VersionComparison,
} from '@headrace/projections';
import { ProblemError, problem } from '@headrace/service-kit';
import { knownVersion, stateOf } from './find-projection.ts';

interface Deps {
  readonly store: Pick<EventStore, 'keys' | 'redis' | 'readEvent'>;
  readonly database: Database<unknown>;
}

export interface Switched {
  readonly id: string;
  readonly from: number;
  readonly version: number;
  readonly comparison: VersionComparison;
}

/**
 * Switches to a version, by default the one that is being built, and tells how its rows compare.
 * @throws ProblemError 404 for what is not there, 409 for what cannot be switched to
 */
export async function switchTo(deps: Deps, id: string, version: number | undefined): Promise<Switched> {
  const state = await stateOf(deps.database, id);
  const to = version ?? state.versions.find(({ switchWhen }) => switchWhen !== null)?.version;
  if (to === undefined) throw refused('No version is being built: name one, or rebuild.', 'no-build');
  return await change(deps, state, to);
}

/** Switches back. @throws ProblemError as `switchTo` */
export async function rollBack(deps: Deps, id: string): Promise<Switched> {
  const state = await stateOf(deps.database, id);
  if (state.previousVersion === null)
    throw refused('There is no version from before, or it was retired.', 'no-previous-version');
  return await change(deps, state, state.previousVersion);
}

async function change({ store, database }: Deps, state: ProjectionState, to: number): Promise<Switched> {
  const { name, activeVersion } = state;
  const [active, target] = [knownVersion(state, activeVersion), knownVersion(state, to)];
  if (target.retired) throw refused(`Version ${to} is being removed.`, 'retired');
  if (target.active) throw refused(`Version ${to} is the active one already.`, 'active');
  const comparison = await compareVersions(database, { name, ...active }, { name, ...target });
  const result = await switchProjection(database, name, to, { store });
  if (result.status !== 'switched') throw refusedBy(result, to, comparison);
  return { id: name, from: result.from, version: result.to, comparison };
}

function refusedBy(
  result: Exclude<SwitchResult, { status: 'switched' }>,
  to: number,
  comparison: VersionComparison,
): ProblemError {
  switch (result.status) {
    case 'unchanged':
      return refused(`Version ${to} is the active one already.`, 'active');
    case 'behind': {
      const { partitions } = result;
      const detail = `Version ${to} has not seen as much as the active one yet.`;
      return refused(detail, 'behind', { partitions, comparison });
    }
    case 'parked': {
      const { parkedEvents } = result;
      const detail = `Version ${to} has parked events: retry or discard them first.`;
      return refused(detail, 'parked', { parkedEvents, comparison });
    }
    case 'diverged': {
      const { partitions } = result;
      const detail = `Version ${to} has handled what the log has lost, and stands still.`;
      return refused(detail, 'diverged', { partitions, comparison });
    }
  }
}

function refused(detail: string, reason: string, members: Readonly<Record<string, unknown>> = {}) {
  return new ProblemError(problem(409, 'switch-refused', 'Cannot switch', { ...members, detail, reason }));
}
