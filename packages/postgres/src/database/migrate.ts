import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { baseMigrations } from './base-migrations.ts';
import { onOwnConnection } from './own-connection.ts';
import type { PoolSettings } from './pool.ts';

/** SQLSTATEs of a schema that another process has created meanwhile (`IF NOT EXISTS` does not lock). */
const ALREADY_THERE = new Set(['23505', '42P06']);

/**
 * Brings the schema up to date: this package's tables, then the owner's. Each of both sets is one transaction,
 * under an advisory lock, on a connection of its own without statement timeout.
 */
export async function migrateSchema(
  settings: PoolSettings,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  await onOwnConnection<unknown, void>(settings, async (db) => {
    await requireDirectConnection(db, settings.schema);
    await createSchema(db, settings.schema);
    await run(db, settings.schema, 'headrace_migrations', baseMigrations);
    await run(db, settings.schema, 'migrations', migrations);
  });
}

/**
 * Between us and the server something like PgBouncer may keep connections for many clients: it refuses the settings that
 * each of ours begins with, or leaves them out, and tables would be made in some other schema.
 */
export class ConnectionPoolerError extends Error {
  readonly code = 'CONNECTION_POOLER';
  constructor(why: string) {
    super(
      `PostgreSQL does not take the settings that a connection begins with (${why}), as behind a connection pooler such as PgBouncer. Let DATABASE_URL name the server itself: each service has a pool of its own`,
    );
    this.name = 'ConnectionPoolerError';
  }
}

/** @throws ConnectionPoolerError */
async function requireDirectConnection(db: Kysely<unknown>, schema: string): Promise<void> {
  // not its cause: it would be taken for a server that is away, and waited for
  const { rows } = await sql<{ path: string }>`select current_setting('search_path') as path`
    .execute(db)
    .catch((error: unknown) => {
      const message = error instanceof Error ? error.message : '';
      throw /unsupported startup parameter/.test(message) ? new ConnectionPoolerError(message) : error;
    });
  const path = rows[0]?.path ?? '';
  if (path !== schema) throw new ConnectionPoolerError(`search_path is ${path}, not ${schema}`);
}

/** Looks first: a role that may not create schemas may still be given one. */
async function createSchema(db: Kysely<unknown>, schema: string): Promise<void> {
  const { rows } = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(db);
  if (rows.length > 0) return;
  try {
    await sql`create schema ${sql.id(schema)}`.execute(db);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (typeof code !== 'string' || !ALREADY_THERE.has(code)) throw error;
  }
}

async function run(
  db: Kysely<unknown>,
  schema: string,
  table: string,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  // the migrator keeps the connection to itself
  const all = { ...(await ofNewerReleases(db, schema, table, migrations)), ...migrations };
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => all },
    migrationTableSchema: schema,
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
    // those of a newer release may sort before one of this release that is yet to run
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : new Error(String(error));
}

/**
 * Migrations that have run and that this release does not know: a newer one has been here. They only add, so that this
 * release may run beside it, or again after it.
 */
async function ofNewerReleases(
  db: Kysely<unknown>,
  schema: string,
  table: string,
  known: Readonly<Record<string, Migration>>,
): Promise<Record<string, Migration>> {
  const { rows: tables } = await sql`
    select 1 from pg_tables where schemaname = ${schema} and tablename = ${table}`.execute(db);
  if (tables.length === 0) return {};
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(`${schema}.${table}`)}`.execute(
    db,
  );
  const names = rows.map(({ name }) => name).filter((name) => !(name in known));
  return Object.fromEntries(names.map((name) => [name, { up: async () => undefined }]));
}
