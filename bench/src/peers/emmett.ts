import type { Event } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, type PostgresEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import type { Contender } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import { type Meta, newMeta } from './entry.ts';
import { newName } from './postgres.ts';

/** On two cores with 64 in flight: faster than 5, and 20 or 64 were no faster. */
const MOST_CONNECTIONS = 10;

type BenchHappened = Event<
  string,
  Readonly<Record<string, unknown>>,
  Readonly<Meta & Record<string, unknown>>
>;

/**
 * Emmett's event store on PostgreSQL, in its own database: each append creates a stream with one event and expects version 0
 * of it. (`STREAM_DOES_NOT_EXIST` would not be checked: emmett-postgresql 0.42.0 takes it for no expectation.) The schema
 * is created before the measurement.
 */
export async function emmettAppends(
  postgresUrl: string,
  inFlight: number,
  total: number,
): Promise<Contender> {
  const database = newName('emmett');
  await run(postgresUrl, `create database ${database}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${database}`;
  const pool = new pg.Pool({
    connectionString: url.href,
    max: Math.min(inFlight, MOST_CONNECTIONS),
    idleTimeoutMillis: 0,
  });
  const store = keepingTypeParsers(() => getPostgreSQLEventStore(url.href, { connectionOptions: { pool } }));
  await store.schema.migrate();
  return {
    name: 'Emmett on PostgreSQL',
    run: () => keepInFlight(inFlight, total, (i) => append(store, i)),
    close: async () => {
      await store.close();
      await pool.end();
      await run(postgresUrl, `drop database ${database}`);
    },
  };
}

function append(store: PostgresEventStore, index: number): Promise<unknown> {
  // Emmett takes what is before the first hyphen for the stream's type
  const stream = newStream().replace(':', '-');
  const event = { type: EVENT_TYPE, data: orderData(index), metadata: { ...newMeta() } };
  return store.appendToStream<BenchHappened>(stream, [event], {
    expectedStreamVersion: 0n,
  });
}

async function run(postgresUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

const INT8_AND_JSON = [pg.types.builtins.INT8, pg.types.builtins.JSON, pg.types.builtins.JSONB];

/**
 * When Emmett opens, it changes how every client of the process reads bigint and JSON. This is undone: it would slow
 * down the peers in the same process, and Emmett's appends convert to bigint themselves.
 */
function keepingTypeParsers<T>(open: () => T): T {
  const parsers = INT8_AND_JSON.map((oid) => [oid, pg.types.getTypeParser(oid, 'text')] as const);
  try {
    return open();
  } finally {
    for (const [oid, parser] of parsers) pg.types.setTypeParser(oid, parser);
  }
}
