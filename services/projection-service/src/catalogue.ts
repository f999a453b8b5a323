import type { Database } from '@headrace/postgres';
import { newestVersion, type Projection } from '@headrace/projections';
import { type Declared, findDeclared, listDeclared } from './declared/declarations.ts';
import { declaredProjection } from './declared/declared-projection.ts';
import { projections } from './projections/built-in.ts';
import { QUERIES } from './queries/built-in.ts';

/** A projection that this service runs; `declared`: over HTTP, not by its code. */
export interface CatalogueEntry {
  readonly projection: Projection<unknown>;
  readonly declared?: Declared;
}

/** A declared projection, with the fold that its declaration asks for. */
export type DeclaredEntry = Required<CatalogueEntry>;

/** Those of the code first, then those declared over HTTP, by id. */
export async function allProjections(database: Database<unknown>): Promise<readonly CatalogueEntry[]> {
  return [...projections.map((projection) => ({ projection })), ...(await allDeclared(database))];
}

/** `onError` gets the declarations that this release cannot read; this process does not run them. */
export async function allDeclared(
  database: Database<unknown>,
  onError: (error: unknown) => void = () => undefined,
): Promise<readonly DeclaredEntry[]> {
  return (await listDeclared(database, onError)).map(entryOf);
}

/** Needs the database only for what the code does not have. */
export async function findProjection(
  database: Database<unknown>,
  id: string,
): Promise<CatalogueEntry | undefined> {
  const projection = builtIn(id);
  return projection === undefined ? await declaredEntry(database, id) : { projection };
}

export async function declaredEntry(
  database: Database<unknown>,
  id: string,
): Promise<DeclaredEntry | undefined> {
  const declared = await findDeclared(database, id);
  return declared && entryOf(declared);
}

/** Whether an id belongs to a projection or a query of the code. */
export function isReserved(id: string): boolean {
  return builtIn(id) !== undefined || QUERIES.some((query) => query === id);
}

/** The newest version of the code's projection of this id. */
function builtIn(id: string): Projection<unknown> | undefined {
  return newestVersion<Projection<unknown>>(projections, id);
}

function entryOf(declared: Declared): DeclaredEntry {
  return { projection: declaredProjection(declared.id, declared.declaration), declared };
}
