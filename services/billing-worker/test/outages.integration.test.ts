import { randomUUID } from 'node:crypto';
import { orderStream } from '@headrace/shop';
import { eventually, usePostgres, usePostgresUrl, useRedis } from '@headrace/test-kit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createBillingDatabase } from '../src/database/billing-database.ts';
import { type Books, openBooks } from './books.ts';
import { orderEvents } from './order-events.ts';

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
const serverUrl = usePostgresUrl();
const name = new URL(postgres.url).pathname.slice(1);
const role = `clerk_${randomUUID().slice(0, 8)}`;
const RIGHTS = 'select, insert, update, delete';
let server: pg.Client;
let books: Books;

/** The tables are another's: an owner cannot lose a right. */
beforeAll(async () => {
  server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  const database = createBillingDatabase({ url: postgres.url });
  await database.migrate();
  await database.close();
  await server.query(`create role ${role} login password 'old'`);
  await inDatabase(`grant usage on schema billing to ${role}`);
  await inDatabase(`grant ${RIGHTS} on all tables in schema billing to ${role}`);
});
afterAll(async () => {
  await inDatabase(`drop owned by ${role}`);
  await server.query(`drop role ${role}`);
  await server.end();
});

beforeEach(async () => {
  const databaseUrl = new URL(postgres.url);
  databaseUrl.username = role;
  databaseUrl.password = 'old';
  books = await openBooks({ redisUrl: redis.url, prefix: redis.prefix, databaseUrl: databaseUrl.href });
  books.worker.start();
});
afterEach(() => books.close());

async function inDatabase(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Connections that are there already would not notice. */
async function cutOff(): Promise<void> {
  await server.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
}

/** Not while it is in use, and the worker comes back at once. */
async function rename(from: string, to: string): Promise<void> {
  await eventually(async () => {
    await cutOff();
    await server.query(`alter database ${from} rename to ${to}`);
  });
}

interface Outage {
  readonly what: string;
  readonly away: () => Promise<unknown>;
  readonly back: () => Promise<unknown>;
  readonly reason: RegExp;
  /** A dead letter could be written. */
  readonly couldPark?: boolean;
}

const OUTAGES: readonly Outage[] = [
  {
    what: 'a changed password (28P01)',
    away: () => server.query(`alter role ${role} password 'new'`),
    back: () => server.query(`alter role ${role} password 'old'`),
    reason: /password authentication failed/,
  },
  {
    what: 'a role that may not log in (28000)',
    away: () => server.query(`alter role ${role} nologin`),
    back: () => server.query(`alter role ${role} login`),
    reason: /not permitted to log in/,
  },
  {
    what: 'rights on all tables that are revoked (42501)',
    away: () => inDatabase(`revoke insert, update, select on all tables in schema billing from ${role}`),
    back: () => inDatabase(`grant insert, update, select on all tables in schema billing to ${role}`),
    reason: /permission denied for table/,
  },
  {
    what: 'rights on one table that are revoked (42501)',
    away: () => inDatabase(`revoke ${RIGHTS} on billing.invoices from ${role}`),
    back: () => inDatabase(`grant ${RIGHTS} on billing.invoices to ${role}`),
    reason: /permission denied for table invoices/,
    couldPark: true,
  },
  {
    what: 'a schema that may not be looked into (42P01)',
    away: () => inDatabase(`revoke usage on schema billing from ${role}`),
    back: () => inDatabase(`grant usage on schema billing to ${role}`),
    reason: /relation ".*" does not exist/,
  },
  {
    what: 'a schema that is gone (42P01)',
    away: () => inDatabase('alter schema billing rename to billing_away'),
    back: () => inDatabase('alter schema billing_away rename to billing'),
    reason: /relation ".*" does not exist/,
  },
  {
    what: 'a table that is gone (42P01)',
    away: () => inDatabase('alter table billing.invoices rename to invoices_away'),
    back: () => inDatabase('alter table billing.invoices_away rename to invoices'),
    reason: /relation "invoices" does not exist/,
    couldPark: true,
  },
  {
    what: 'a database that is gone (3D000)',
    away: () => rename(name, `${name}_away`),
    back: () => rename(`${name}_away`, name),
    reason: /database ".*" does not exist/,
  },
];

it.each(OUTAGES)(
  'a database that turns billing away is waited for, and nothing is parked: $what',
  async ({ away, back, reason, couldPark }) => {
    await books.invoiceIn('paid', await placed());
    await away();
    let late = '';
    try {
      await cutOff();
      late = await placed();
      const partition = books.store.keys.partitionOf(orderStream(late));
      await eventually(
        async () =>
          expect((await books.worker.admin.status()).partitions).toContainEqual(
            expect.objectContaining({ partition, state: 'retrying', reason: expect.stringMatching(reason) }),
          ),
        { timeoutMs: 20_000 },
      );
      await eventually(async () => expect((await books.get('/invoices')).status).toBe(503));
      // more often than poison is tried
      if (couldPark)
        await eventually(
          async () => expect((await books.worker.admin.status()).totals.retried).toBeGreaterThan(3),
          { timeoutMs: 20_000 },
        );
    } finally {
      await back();
    }
    await books.invoiceIn('paid', late);
    await eventually(async () => expect((await books.get('/dead-letters')).json.deadLetters).toEqual([]));
    expect((await books.worker.admin.status()).totals.parked).toBe(0);
    expect((await books.get(`/ledger?orderId=${late}`)).json.postings).toHaveLength(2);
  },
  90_000,
);

async function placed(): Promise<string> {
  const id = randomUUID();
  await books.append(id, orderEvents(id).placed(), orderEvents(id).paid());
  return id;
}
