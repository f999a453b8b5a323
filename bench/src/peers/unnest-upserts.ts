import pg from 'pg';
import type { Contender } from '../harness/compare.ts';
import { timed } from '../harness/load.ts';
import { withTable } from './postgres.ts';

const ROWS_PER_STATEMENT = 500;

const COLUMNS = 'id text primary key, status text, version int, total bigint, updated_at timestamptz';

/**
 * The ceiling of a projection into PostgreSQL: read-model rows of orders, 500 new ones per upsert, the next when the
 * one before is committed. No events are read and no checkpoint is kept. Operations are rows.
 */
export function unnestUpserts(postgresUrl: string, total: number): Contender {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 1, idleTimeoutMillis: 0 });
  return {
    name: 'bare unnest upsert',
    run: () =>
      withTable(pool, COLUMNS, (table) =>
        timed(total, async () => {
          for (let from = 0; from < total; from += ROWS_PER_STATEMENT) {
            await upsert(pool, table, from, Math.min(from + ROWS_PER_STATEMENT, total));
          }
        }),
      ),
    close: () => pool.end(),
  };
}

async function upsert(pool: pg.Pool, table: string, from: number, to: number): Promise<void> {
  const indices = Array.from({ length: to - from }, (_, i) => from + i);
  const now = new Date().toISOString();
  await pool.query({
    name: table,
    text: `insert into ${table} (id, status, version, total, updated_at)
      select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::timestamptz[])
      on conflict (id) do update set status = excluded.status, version = excluded.version,
        total = excluded.total, updated_at = excluded.updated_at`,
    values: [
      indices.map((i) => `6f1c2d3e-0000-4000-8000-${String(i).padStart(12, '0')}`),
      indices.map(() => 'placed'),
      indices.map(() => 1),
      indices.map((i) => 883 + i),
      indices.map(() => now),
    ],
  });
}
