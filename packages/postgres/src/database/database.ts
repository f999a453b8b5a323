import { isTracing } from '@headrace/event-store';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { migrateSchema } from './migrate.ts';
import { onOwnConnection } from './own-connection.ts';
import { assertSchemaName, createPool, type PoolSettings } from './pool.ts';
import { withPreparedStatements } from './prepared-statements.ts';
import { statementSpans } from './statement-spans.ts';

/** Statements take a few ms; one that takes this long has met trouble. */
const STATEMENT_TIMEOUT_MS = 30_000;

export interface DatabaseOptions {
  readonly url: string;
  /** Everything lives in it: tables, migrations, checkpoints. Lower case letters, digits and `_`. */
  readonly schema: string;
  /** By name; run once each, in the order of their names. Unqualified tables are created in the schema. */
  readonly migrations: Readonly<Record<string, Migration>>;
  /** Default 16. */
  readonly maxConnections?: number;
  /** Told of lost connections, which are replaced by themselves. Default: ignored. */
  readonly onError?: (error: unknown) => void;
}

/**
 * One schema of a PostgreSQL database. Connects on first use and again whenever a connection is lost. `bigint`
 * comes as a number (beyond 2^53 − 1 as an error), `timestamptz` as a Date, `date` as text, `numeric` (so also a
 * sum of bigints, unless cast) as text.
 */
export interface Database<Tables> {
  readonly db: Kysely<Tables>;
  readonly schema: string;
  /** Creates or upgrades the schema; safe in several processes at once. */
  migrate(): Promise<void>;
  /** Runs work whose statements may take any time, such as an index on a full table, on a connection of its own. */
  unhurried<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result>;
  /** Resolves when the server answers; for readiness checks. */
  check(): Promise<void>;
  /** Waits for what is in flight, then closes all connections. */
  close(): Promise<void>;
}

/** @throws RangeError for a schema name that would need quotes */
export function createDatabase<Tables>(options: DatabaseOptions): Database<Tables> {
  const { url, schema, migrations, maxConnections = 16, onError = () => undefined } = options;
  assertSchemaName(schema);
  const settings: PoolSettings = {
    url,
    schema,
    maxConnections,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError,
  };
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: withPreparedStatements(createPool(settings)) }),
    ...(isTracing() ? { log: statementSpans(schema) } : {}),
  });
  let closed: Promise<void> | undefined;
  return {
    db,
    schema,
    migrate: () => migrateSchema(settings, migrations),
    unhurried: (work) => onOwnConnection(settings, work),
    check: async () => {
      await sql`select 1`.execute(db);
    },
    close: () => {
      closed ??= db.destroy();
      return closed;
    },
  };
}
