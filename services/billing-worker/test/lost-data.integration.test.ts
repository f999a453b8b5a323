import { orderStream } from '@headrace/shop';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { type Books, openBooks, type Servers } from './books.ts';
import { orderEvents } from './order-events.ts';

const PARTITIONS = [0, 1, 2, 3];
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe.each([
  { what: 'nothing', isKept: false, wentOn: /^went on after nothing,/ },
  { what: 'the first half', isKept: true, wentOn: /^went on after \d+-\d+,/ },
])('a database that has $what of what was billed', ({ isKept, wentOn }) => {
  const redis = useRedis();
  const postgres = usePostgres({ isolation: 'database' });

  it('stops billing until that is accepted; then every order has one invoice, and the numbers that are left stay', async () => {
    const db = await connected(postgres.url);
    const servers = { redisUrl: redis.url, prefix: redis.prefix, databaseUrl: postgres.url };
    const before = await running(servers);
    await billSome(before, db, 'early');
    const early = await numbers(db);
    const putBack = await remember(db);
    await billSome(before, db, 'late');
    const given = await numbers(db);
    await mirrored(before);
    await before.close();

    await (isKept ? putBack() : db.query('drop schema billing cascade'));
    const kept = isKept ? early : new Map();
    const after = await running(servers);
    const { worker } = after;
    await eventually(async () => expect(await diverged(worker)).toEqual(PARTITIONS), { timeoutMs: 20_000 });
    const meanwhile = await placeSome(after, 'meanwhile');
    const why = { reason: 'the backup is all there is' };
    expect(await worker.admin.requestResync({ ...why, how: 'rebuild' })).toMatchObject({
      status: 'not-possible',
    });
    expect(await numbers(db)).toEqual(kept);

    expect(await worker.admin.requestResync({ ...why, how: 'accept' })).toEqual({
      status: 'requested',
      partitions: PARTITIONS,
    });
    const all = [...given.keys(), ...meanwhile];
    await allPaid(db, all.length);
    const now = await numbers(db);
    expect([...now.keys()].toSorted()).toEqual(all.toSorted());
    expect([...now.values()]).toEqual(all.map((_, index) => index + 1));
    expect(new Map([...now].slice(0, kept.size))).toEqual(kept);
    expect(await count(db, 'billing.postings')).toBe(2 * all.length);
    expect((await after.get('/dead-letters')).json.deadLetters).toEqual([]);
    const { rows: requests } = await db.query('select outcome from billing.consumer_requests');
    expect(requests).toEqual(PARTITIONS.map(() => ({ outcome: expect.stringMatching(wentOn) })));
    expect(await diverged(worker)).toEqual([]);
  }, 90_000);
});

async function connected(connectionString: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString });
  await db.connect();
  cleanups.push(() => db.end());
  return db;
}

async function running(servers: Servers): Promise<Books> {
  const books = await openBooks(servers);
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= books.close();
    return closed;
  };
  cleanups.push(close);
  books.worker.start();
  return { ...books, close };
}

/** Ten paid orders over all partitions; their ids. */
async function placeSome(books: Books, name: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let i = 0; ids.length < 10; i += 1) {
    const id = `${name}-${i}`;
    const partition = books.store.keys.partitionOf(orderStream(id));
    if (partition !== ids.length % PARTITIONS.length) continue;
    await books.append(id, orderEvents(id).placed(), orderEvents(id).paid());
    ids.push(id);
  }
  return ids;
}

async function billSome(books: Books, db: pg.Client, name: string): Promise<void> {
  const had = await count(db, 'billing.invoices');
  const { length } = await placeSome(books, name);
  await allPaid(db, had + length);
}

async function allPaid(db: pg.Client, orders: number): Promise<void> {
  await eventually(
    async () => expect(await count(db, `billing.invoices where status = 'paid'`)).toBe(orders),
    {
      timeoutMs: 20_000,
    },
  );
}

async function count(db: pg.Client, of: string): Promise<number> {
  return (await db.query(`select count(*)::int as n from ${of}`)).rows[0].n;
}

/** By order, in their order. */
async function numbers(db: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query(
    'select order_id, number::int as number from billing.invoices order by billing.invoices.number',
  );
  return new Map(rows.map(({ order_id, number }) => [order_id, number]));
}

/** A backup of billing's tables; what it gives puts them back, as a restore does: past the triggers of the ledger. */
async function remember(db: pg.Client): Promise<() => Promise<void>> {
  const { rows } = await db.query(
    `select tablename as name from pg_tables where schemaname = 'billing' and tablename not like '%migrations%'`,
  );
  const names: string[] = rows.map(({ name }) => name);
  await db.query(
    [
      'begin isolation level repeatable read',
      'create schema backup',
      ...names.map((name) => `create table backup.${name} as table billing.${name}`),
      'commit',
    ].join(';'),
  );
  return async () => {
    await db.query(
      [
        'begin',
        'set local session_replication_role = replica',
        `truncate ${names.map((name) => `billing.${name}`).join()}`,
        ...names.map((name) => `insert into billing.${name} overriding system value table backup.${name}`),
        'commit',
      ].join(';'),
    );
  };
}

/** The mirror in Redis is at the end of every partition. */
async function mirrored({ store }: Books): Promise<void> {
  await eventually(async () => {
    for (const key of PARTITIONS.map(store.keys.log)) {
      const [last] = await store.redis.xrevrange(key, '+', '-', 'COUNT', 1);
      const groups = (await store.redis.xinfo('GROUPS', key)) as unknown[][];
      expect(groups.flat()).toContain(last?.[0]);
    }
  });
}

async function diverged({ admin }: Books['worker']): Promise<readonly number[]> {
  const { partitions } = await admin.status();
  return partitions.filter(({ state }) => state === 'diverged').map(({ partition }) => partition);
}
