import {
  createDatabase,
  createProjectionRunner,
  type Database,
  type DatabaseOptions,
  type ProjectionRunner,
  type ProjectionRunnerOptions,
  prepareProjections,
} from '@headrace/projections';
import { projections } from './projections/all.ts';

/** The schema of the read models; `prepareReadModels` before use, and close it. */
export function createReadModels(options: Omit<DatabaseOptions, 'migrations'>): Database<unknown> {
  return createDatabase<unknown>({ ...options, migrations: {} });
}

/**
 * Creates what is missing in the schema; a projection whose version was raised begins to be built anew. Safe in
 * several processes at once, repeatable.
 */
export async function prepareReadModels(database: Database<unknown>): Promise<void> {
  await database.migrate();
  await prepareProjections(database, projections);
}

/**
 * Runs a consumer for each version of each projection, each with its own group and so its own pace. Stop it before
 * store and database are closed.
 */
export function createReadModelRunner(
  options: Omit<ProjectionRunnerOptions, 'projections'>,
): ProjectionRunner {
  return createProjectionRunner({ ...options, projections });
}
