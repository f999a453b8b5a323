import type { ConsumerAdmin } from '@headrace/consumer';
import { divergedPartitions } from '../control/divergence.ts';
import { startBuild } from '../control/prepare.ts';
import { progressOf } from '../control/progress.ts';
import { activeVersion } from '../control/versions.ts';
import { newestVersion, type Projection, type ProjectionVersion } from '../projection/definition.ts';
import type { ProjectionRunnerOptions } from './options.ts';

/**
 * Resync of a read model that has handled events which the log has lost: a new version is built from the log and takes
 * its place. Until then queries are answered from the present version.
 */
export function resyncByRebuild(
  { database, consumer: { store } }: ProjectionRunnerOptions,
  known: () => readonly Projection<unknown>[],
  version: ProjectionVersion,
): ConsumerAdmin['requestResync'] {
  return async ({ how, partition }) => {
    const diverged = await divergedPartitions(store, await progressOf(database, version));
    const partitions = diverged.filter((candidate) => partition === undefined || partition === candidate);
    if (partitions.length === 0) return { status: 'not-diverged' };
    const definition = newestVersion(known(), version.name);
    if (how === 'accept' || definition === undefined) return ONLY_BY_REBUILD;
    if ((await activeVersion(database, version.name)) !== version.version) return ONLY_RETIRED;
    await startBuild(database, definition, 'caught-up');
    return { status: 'requested', partitions };
  };
}

const ONLY_BY_REBUILD = {
  status: 'not-possible',
  why: 'A read model says what the log says, or nothing: ask for a rebuild.',
} as const;

const ONLY_RETIRED = {
  status: 'not-possible',
  why: 'This version is not the active one: retire it.',
} as const;
