import pg from 'pg';
import type { Contender } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import { newMeta } from './entry.ts';
import { EVENT_COLUMNS, withTable } from './postgres.ts';

const READS = 30;

/**
 * Reads a stream of `rows` events from a PostgreSQL table that holds just them, in order and with `data` and `meta` as
 * objects. One operation is one SELECT of all of them, one after the other.
 */
export function selectRows(postgresUrl: string, rows: number): Contender {
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 1, idleTimeoutMillis: 0 });
  return {
    name: `SELECT of ${rows.toLocaleString('en-US')} rows`,
    run: () =>
      withTable(pool, EVENT_COLUMNS, async (table) => {
        await fill(pool, table, rows);
        const text = `select stream, version, type, data, meta from ${table} order by stream, version`;
        return await keepInFlight(1, READS, async () => {
          const { rowCount } = await pool.query({ name: table, text });
          if (rowCount !== rows) throw new Error(`SELECT read ${rowCount} of ${rows} rows`);
        });
      }),
    close: () => pool.end(),
  };
}

async function fill(pool: pg.Pool, table: string, rows: number): Promise<void> {
  const indices = Array.from({ length: rows }, (_, i) => i);
  await pool.query(
    `insert into ${table} (stream, version, type, data, meta)
     select $1, version, $2, data, meta from unnest($3::int[], $4::jsonb[], $5::jsonb[]) as t (version, data, meta)`,
    [
      newStream(),
      EVENT_TYPE,
      indices.map((i) => i + 1),
      indices.map((i) => JSON.stringify(orderData(i))),
      indices.map(() => JSON.stringify(newMeta())),
    ],
  );
  // what autovacuum would have done to a table that is older than this one
  await pool.query(`vacuum analyze ${table}`);
}
