import pg from 'pg';
import type { Contender } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import { newMeta } from './entry.ts';
import { EVENT_COLUMNS, withTable } from './postgres.ts';

/** Faster than 5 and 10 with 64 in flight on two cores. */
const MOST_CONNECTIONS = 20;

/**
 * An append on PostgreSQL, written by hand: one INSERT per event, committed by itself, prepared once per connection.
 * The primary key refuses a version that exists, which is the version check. Each event is the first of its stream.
 */
export function postgresInserts(postgresUrl: string, inFlight: number, total: number): Contender {
  const max = Math.min(inFlight, MOST_CONNECTIONS);
  const pool = new pg.Pool({ connectionString: postgresUrl, max, idleTimeoutMillis: 0 });
  return {
    name: 'PostgreSQL INSERTs',
    run: () =>
      withTable(pool, EVENT_COLUMNS, (table) => {
        const text = `insert into ${table} (stream, version, type, data, meta) values ($1, $2, $3, $4, $5)`;
        return keepInFlight(inFlight, total, (i) => {
          const values = [
            newStream(),
            1,
            EVENT_TYPE,
            JSON.stringify(orderData(i)),
            JSON.stringify(newMeta()),
          ];
          return pool.query({ name: table, text, values });
        });
      }),
    close: () => pool.end(),
  };
}
