import {
  type Database,
  type ProjectionState,
  projectionState,
  type RegisteredVersion,
} from '@headrace/projections';
import { notFound, type ProblemError } from '@headrace/service-kit';
import { projections } from '../projections/all.ts';

/** A projection as the database has it. @throws ProblemError (404) for one that the code does not know */
export async function stateOf(database: Database<unknown>, id: string): Promise<ProjectionState> {
  if (!projections.some(({ name }) => name === id)) throw noSuchProjection();
  return await projectionState(database, id);
}

/** @throws ProblemError (404) */
export function knownVersion({ versions }: ProjectionState, version: number): RegisteredVersion {
  const found = versions.find((one) => one.version === version);
  if (found !== undefined) return found;
  const known = versions.map((one) => one.version);
  throw notFound('There is no such version.', { version, known });
}

/** 404; throw the result. */
export function noSuchProjection(): ProblemError {
  const known = [...new Set(projections.map(({ name }) => name))];
  return notFound(`There is no such projection. Known are: ${known.join(', ')}.`, { known });
}
