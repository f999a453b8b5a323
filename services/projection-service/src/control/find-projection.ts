import type { Database } from '@headrace/postgres';
import { type ProjectionState, projectionState, type RegisteredVersion } from '@headrace/projections';
import { notFound, type ProblemError } from '@headrace/service-kit';
import { allProjections, type CatalogueEntry, findProjection } from '../catalogue.ts';

/** A built-in or declared projection. @throws ProblemError (404) */
export async function entryOf(database: Database<unknown>, id: string): Promise<CatalogueEntry> {
  const entry = await findProjection(database, id);
  if (entry !== undefined) return entry;
  throw await noSuchProjection(database);
}

/** A problem that lists the known projections. */
export async function noSuchProjection(database: Database<unknown>): Promise<ProblemError> {
  const known = (await allProjections(database)).map(({ projection }) => projection.name);
  return notFound(`There is no such projection. Known are: ${known.join(', ')}.`, { known });
}

/** A projection as the database has it. @throws ProblemError (404) */
export async function stateOf(database: Database<unknown>, id: string): Promise<ProjectionState> {
  await entryOf(database, id);
  return await projectionState(database, id);
}

/** @throws ProblemError (404) */
export function knownVersion({ versions }: ProjectionState, version: number): RegisteredVersion {
  const found = versions.find((candidate) => candidate.version === version);
  if (found !== undefined) return found;
  const known = versions.map((candidate) => candidate.version);
  throw notFound('There is no such version.', { version, known });
}
