import { createDatabase, type Database, type DatabaseOptions } from '@headrace/postgres';
import { ProjectionRunner, type ProjectionRunnerOptions, prepareProjections } from '@headrace/projections';
import { allDeclared, isReserved } from './catalogue.ts';
import { declarationMigrations } from './declared/declarations.ts';
import { projections } from './projections/built-in.ts';

/** A projection was declared under an id that this release has for one of its own. */
export class IdTakenError extends Error {
  readonly code = 'ID_TAKEN';
  constructor(id: string) {
    super(
      `this release has a projection or query "${id}" of its own: remove the declared one with the release before, DELETE /api/projections/${id}`,
    );
    this.name = 'IdTakenError';
  }
}

/** The schema of the read models; `prepareReadModels` before use, and close it. */
export function createReadModels(options: Omit<DatabaseOptions, 'migrations'>): Database<unknown> {
  return createDatabase<unknown>({ ...options, migrations: declarationMigrations });
}

/**
 * Creates what is missing in the schema; a projection whose version was raised begins to be built anew. Safe in
 * several processes at once, repeatable.
 * @throws IdTakenError
 */
export async function prepareReadModels(database: Database<unknown>): Promise<void> {
  await database.migrate();
  for (const { declared } of await allDeclared(database))
    if (isReserved(declared.id)) throw new IdTakenError(declared.id);
  // the declared ones were prepared when they were declared; by now one may be on its way out
  await prepareProjections(database, projections);
}

/**
 * Runs a consumer for each version of each projection, each with its own group and so its own pace; those declared
 * over HTTP too, wherever that was. Stop it before store and database are closed.
 */
export function createReadModelRunner(
  options: Omit<ProjectionRunnerOptions, 'projections' | 'added'>,
): ProjectionRunner {
  const { database, consumer } = options;
  const added = async () =>
    (await allDeclared(database, consumer.onError)).map(({ projection }) => projection);
  return new ProjectionRunner({ ...options, projections, added });
}
