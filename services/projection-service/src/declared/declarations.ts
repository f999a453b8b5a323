import type { Database } from '@headrace/postgres';
import {
  addProjection,
  inPreparation,
  removeProjection,
  UnknownProjectionError,
} from '@headrace/projections';
import { type QueryExecutorProvider, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { type Declaration, declarationSchema, isDeclarableId } from './declaration.ts';
import { declaredProjection } from './declared-projection.ts';

/** Each is a consumer group that reads the whole log. */
export const MAX_DECLARED = 32;

/** A declared projection as the database has it. */
export interface Declared {
  readonly id: string;
  readonly declaration: Declaration;
  readonly declaredAt: Date;
  /** The stated id of whoever declared it. */
  readonly actor: string | null;
}

/** Another projection has been declared under this id. */
export class DeclaredDifferentlyError extends Error {
  readonly code = 'DECLARED_DIFFERENTLY';
  readonly declared: Declaration;
  constructor(id: string, declared: Declaration) {
    super(
      `projection "${id}" has been declared with another definition: choose another id, or remove it first with DELETE /api/projections/${id}`,
    );
    this.name = 'DeclaredDifferentlyError';
    this.declared = declared;
  }
}

/** There are as many declared projections as there may be. */
export class TooManyDeclaredError extends Error {
  readonly code = 'TOO_MANY_DECLARED';
  readonly limit = MAX_DECLARED;
  constructor() {
    super(`there are ${MAX_DECLARED} declared projections already: remove one first`);
    this.name = 'TooManyDeclaredError';
  }
}

/** What the database has of a declaration cannot be read by this release. */
export class UnreadableDeclarationError extends Error {
  readonly code = 'UNREADABLE_DECLARATION';
  constructor(id: string, options: ErrorOptions) {
    super(
      `the declaration of projection "${id}" was made by another release, and cannot be read here: ask that release, or remove it with DELETE /api/projections/${id}`,
      options,
    );
    this.name = 'UnreadableDeclarationError';
  }
}

export const declarationMigrations: Readonly<Record<string, Migration>> = {
  '0001_declared_projections': {
    up: async (db) => {
      await sql`
        create table declared_projections (
          id text collate "C" primary key,
          declaration jsonb not null,
          declared_at timestamptz not null default now(),
          actor text
        )`.execute(db);
    },
  },
};

interface DeclaredRecord {
  readonly id: string;
  readonly declaration: unknown;
  readonly declared_at: Date;
  readonly actor: string | null;
}

interface Queryable {
  readonly db: QueryExecutorProvider;
}

/** All of them by id; `onError` is told of those that cannot be read, which are left out. */
export async function listDeclared(
  { db }: Queryable,
  onError: (error: unknown) => void,
): Promise<readonly Declared[]> {
  const { rows } = await sql<DeclaredRecord>`select * from declared_projections order by id`.execute(db);
  return rows.flatMap((row) => {
    try {
      return [declaredOf(row)];
    } catch (error) {
      onError(error);
      return [];
    }
  });
}

/** @throws UnreadableDeclarationError */
export async function findDeclared({ db }: Queryable, id: string): Promise<Declared | undefined> {
  if (!isDeclarableId(id)) return undefined;
  const { rows } = await sql<DeclaredRecord>`select * from declared_projections where id = ${id}`.execute(db);
  return rows[0] && declaredOf(rows[0]);
}

function declaredOf({ id, declaration, declared_at: declaredAt, actor }: DeclaredRecord): Declared {
  const read = declarationSchema.safeParse(declaration);
  if (!read.success) throw new UnreadableDeclarationError(id, { cause: read.error });
  return { id, declaration: read.data, declaredAt, actor };
}

/**
 * Declares a projection: definition and table in one transaction, so that a process that reads the one finds the
 * other. All processes begin to fill it at their next poll. The same declaration again changes nothing; if it has
 * another name, the first name stays.
 * @returns whether it is new
 * @throws DeclaredDifferentlyError, TooManyDeclaredError, ProjectionExistsError
 */
export async function declare(
  database: Database<unknown>,
  id: string,
  declaration: Declaration,
  actor: string | undefined,
): Promise<boolean> {
  return await inPreparation(database, async (tx) => {
    const known = await findDeclared({ db: tx }, id);
    if (known !== undefined) {
      if (meansTheSame(known.declaration, declaration)) return false;
      throw new DeclaredDifferentlyError(id, known.declaration);
    }
    const { rows } = await sql<{ count: number }>`select count(*) as count from declared_projections`.execute(
      tx,
    );
    if ((rows[0]?.count ?? 0) >= MAX_DECLARED) throw new TooManyDeclaredError();
    await sql`
      insert into declared_projections (id, declaration, actor)
      values (${id}, ${JSON.stringify(declaration)}::jsonb, ${actor ?? null})`.execute(tx);
    await addProjection(tx, declaredProjection(id, declaration));
    return true;
  });
}

/** Whether both give the same rows; their names do not matter for that. */
function meansTheSame(a: Declaration, b: Declaration): boolean {
  return JSON.stringify({ ...a, name: '' }) === JSON.stringify({ ...b, name: '' });
}

/**
 * Removes a declared projection: it is unknown from now on. Its tables and consumer groups are dropped when no
 * process works on them any more.
 * @throws UnknownProjectionError
 */
export async function undeclare(database: Database<unknown>, id: string): Promise<void> {
  if (!isDeclarableId(id)) throw new UnknownProjectionError(id);
  await inPreparation(database, async (tx) => {
    const { numAffectedRows } = await sql`delete from declared_projections where id = ${id}`.execute(tx);
    if (numAffectedRows !== 1n) throw new UnknownProjectionError(id);
    await removeProjection(tx, id);
  });
}
