import { type EventStore, openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReadModels, prepareReadModels } from '../src/consumers.ts';
import { declarationOf } from '../src/declared/declaration.ts';
import { declare } from '../src/declared/declarations.ts';
import { body, pay, type Row, rowsOfTheLog } from './declared.ts';
import { holdTable } from './held-checkpoint.ts';
import { startProcess } from './service-process.ts';

const EVENTS = 1_000;
const redis = useRedis();
const postgres = usePostgres();
let store: EventStore;

beforeAll(async () => {
  const options = { redisUrl: redis.url, prefix: redis.prefix, partitions: 4, durability: 'memory' } as const;
  store = await openEventStore({ ...options, registry: shopRegistry });
  await Promise.all(Array.from({ length: EVENTS }, (_, i) => pay(store, `order-${i % 50}`, i)));
});
afterAll(() => store.close());

const start = () =>
  startProcess({
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    DATABASE_SCHEMA: postgres.schema,
    KEY_PREFIX: redis.prefix,
    LEASE_MS: '1000',
  });

async function rowsAt(url: string, id: string): Promise<readonly Row[]> {
  const answer = await fetch(`${url}/api/queries/${id}?limit=200`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { data: readonly Row[] }).data;
}

async function post(url: string, what: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body: JSON.stringify(what) };
  return (await fetch(`${url}/api/projections`, sent)).status;
}

/** Whether a process has partitions of a group, with events that it has not handled yet. */
async function hasWork(url: string, group: string): Promise<boolean> {
  const answer = await fetch(`${url}/consumer`);
  const { groups } = (await answer.json()) as {
    groups: { group: string; partitions: { lagEvents: number }[] }[];
  };
  const partitions = groups.find(({ group: name }) => name === group)?.partitions ?? [];
  return partitions.some(({ lagEvents }) => lagEvents > 0);
}

describe('a declared projection', () => {
  it('is carried on by another process when the one that took it dies, and outlives all', async () => {
    const what = body('by-order', { key: 'orderId' });
    const [one, two] = await Promise.all([start(), start()]);
    await eventually(async () => expect((await fetch(`${one.url}/health/ready`)).ok).toBe(true));
    expect(await post(one.url, what)).toBe(201);
    const held = await holdTable(postgres, 'by-order_v1');
    let second = two;
    try {
      // while nobody can write, one may have all partitions, and be unable to share them
      const first = await eventually(async () => {
        for (const candidate of [one, two])
          if (await hasWork(candidate.url, 'projection:by-order:v1')) return candidate;
        return false;
      });
      second = first === one ? two : one;
      await first.crash();
    } finally {
      await held.release();
    }
    const expected = await rowsOfTheLog(store, what);
    expect(expected).toHaveLength(50);
    const options = { timeoutMs: 30_000 };
    await eventually(async () => expect(await rowsAt(second.url, 'by-order')).toEqual(expected), options);

    await second.crash();
    const eventId = await pay(store, 'order-7', 1_000_000);
    const third = await start();
    await eventually(async () => expect((await fetch(`${third.url}/health/ready`)).ok).toBe(true));
    const query = `by-order?key=order-7&wait_for=${eventId}&timeout_ms=20000`;
    expect((await fetch(`${third.url}/api/queries/${query}`)).status).toBe(200);
    expect(await rowsAt(third.url, 'by-order')).toEqual(await rowsOfTheLog(store, what));
    expect(await post(third.url, what)).toBe(200);
  }, 90_000);

  it('begins to be filled even if whoever stored it died before anything else', async () => {
    const what = body('only-stored', { key: 'userId', reduce: 'count' });
    const { projectionId, ...declared } = what;
    const expected = await rowsOfTheLog(store, what);
    expect(expected).toMatchObject([{ key: 'ann' }]);
    const database = createReadModels({ url: postgres.url, schema: postgres.schema });
    await prepareReadModels(database);
    await declare(database, projectionId, declarationOf(declared), undefined);
    await database.close();
    const { url } = await start();
    await eventually(
      async () => {
        expect(await rowsAt(url, 'only-stored')).toEqual(expected);
      },
      { timeoutMs: 20_000 },
    );
  }, 90_000);
});
