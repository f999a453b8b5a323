import { Kysely } from 'kysely';
import { OneSchemaDialect } from './one-schema-dialect.ts';
import { createPool, type PoolSettings } from './pool.ts';

/**
 * Runs work on a connection of its own, closed afterwards, whose statements may take any time: those of the pool are
 * given up by the server, and a little later by the client too, which no setting of a transaction can put off.
 */
export async function onOwnConnection<Tables, Result>(
  settings: PoolSettings,
  work: (db: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  const pool = createPool({ ...settings, maxConnections: 1, statementTimeoutMs: 0 });
  const db = new Kysely<Tables>({ dialect: new OneSchemaDialect({ pool, schema: settings.schema }) });
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}
