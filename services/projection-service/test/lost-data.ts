import { sql } from 'kysely';
import type { RunningService } from './running-service.ts';

/** Puts everything back to how it was when it was remembered. */
export type PutBack = () => Promise<void>;

/**
 * What a Redis that loses its last seconds does: every key of the service is again as it is now, with leases,
 * groups and indexes, and what came later is gone.
 */
export async function rememberRedis({ store }: RunningService, prefix: string): Promise<PutBack> {
  const { redis } = store;
  const kept = new Map<string, Buffer>();
  for (const key of await redis.keys(`${prefix}*`)) {
    const dump = await redis.dumpBuffer(key);
    if (dump !== null) kept.set(key, dump);
  }
  return async () => {
    const later = (await redis.keys(`${prefix}*`)).filter((key) => !kept.has(key));
    const lost = redis.multi();
    for (const key of later) lost.del(key);
    for (const [key, dump] of kept) lost.restore(key, 0, dump, 'REPLACE');
    for (const [error] of (await lost.exec()) ?? []) if (error !== null) throw error;
  };
}

/** What restoring PostgreSQL from a backup does to the schema's rows. Its tables must be the same by then. */
export async function rememberPostgres(
  { database: { db } }: RunningService,
  schema: string,
): Promise<PutBack> {
  const backup = `${schema}_backup`;
  await sql`create schema ${sql.id(backup)}`.execute(db);
  // requests have numbers of their own, and there are none
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = ${schema} and table_name not like '%migrations%' and table_name <> 'consumer_requests'`.execute(
    db,
  );
  const names = rows.map(({ name }) => name);
  for (const name of names)
    await sql`create table ${sql.id(backup, name)} as table ${sql.id(schema, name)}`.execute(db);
  return async () => {
    await db.transaction().execute(async (tx) => {
      await sql`truncate ${sql.join(names.map((name) => sql.id(schema, name)))}`.execute(tx);
      const inOrder = names.toSorted((a, b) => Number(b === 'projections') - Number(a === 'projections'));
      for (const name of inOrder)
        await sql`insert into ${sql.id(schema, name)} table ${sql.id(backup, name)}`.execute(tx);
    });
    await sql`drop schema ${sql.id(backup)} cascade`.execute(db);
  };
}
