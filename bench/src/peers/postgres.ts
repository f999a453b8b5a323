import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** The columns of the plain table of events that people write by hand. */
export const EVENT_COLUMNS =
  'stream text, version int, type text, data jsonb, meta jsonb, primary key (stream, version)';

/** A new name for a table or a database, which needs no quotes in SQL. */
export function newName(prefix: string): string {
  return `bench_${prefix}_${randomUUID().replaceAll('-', '')}`;
}

/** Creates a table for `work`, and drops it afterwards, also if `work` fails. */
export async function withTable<T>(
  pool: pg.Pool,
  columns: string,
  work: (table: string) => Promise<T>,
): Promise<T> {
  const table = newName('table');
  await pool.query(`create table ${table} (${columns})`);
  try {
    return await work(table);
  } finally {
    await pool.query(`drop table ${table}`);
  }
}
