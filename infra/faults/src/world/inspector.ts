import { type EventStore, openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import pg from 'pg';

/** Reads from the servers directly, not through a proxy. */
export interface Inspector {
  readonly store: EventStore;
  rows<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export async function openInspector(options: {
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly partitions: number;
  readonly prefix?: string;
}): Promise<Inspector> {
  const { redisUrl, databaseUrl, ...log } = options;
  const store = await openEventStore({ redisUrl, registry: shopRegistry, ...log });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4, types: { getTypeParser } });
  // A connection that is lost while PostgreSQL is killed is replaced.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    store,
    rows: async <Row>(sql: string, values: readonly unknown[] = []) =>
      (await pool.query(sql, [...values])).rows as readonly Row[],
    close: async () => {
      await pool.end();
      await store.close();
    },
  };
}

/** OIDs of pg_type. */
const INT8 = 20;
const DATE = 1082;

/** Reads bigint as number and date as text. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8) return Number;
  if (oid === DATE) return String;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
};
