import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, type OwnServer, startOwnRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Consumer, createEventConsumer } from '../src/index.ts';
import { orderRegistry } from './support/order-registry.ts';
import { newOrder, say, textOf } from './support/orders.ts';

const LEASE_MS = 1_000;
let redis: OwnServer;
let store: EventStore;
beforeAll(async () => {
  redis = await startOwnRedis();
  store = await openEventStore({ redisUrl: redis.url, registry: orderRegistry, partitions: 2 });
});
afterAll(async () => {
  await store.close();
  await redis.close();
});

function consume(handle: (text: string) => void): Consumer {
  const consumer = createEventConsumer({
    onError: () => undefined,
    store,
    group: 'all',
    instance: 'one',
    leaseMs: LEASE_MS,
    policy: { retryBaseMs: 10 },
    handler: { handle: async (event) => handle(textOf(event)) },
  });
  consumer.start();
  return consumer;
}

async function pending(): Promise<number> {
  const counts = await Promise.all(
    [0, 1].map(async (partition) => {
      const [count] = await store.redis.xpending(store.keys.log(partition), 'all');
      return Number(count);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

it('goes on while Redis has no room: events in the log are handled, parked and acknowledged, leases are kept', async () => {
  await consumeAll(['first']);
  for (let number = 0; number < 20; number += 1) await say(store, newOrder(), `${number}`);
  const bad = newOrder();
  await say(store, bad, 'poison', 'behind');
  await store.redis.config('SET', 'maxmemory', '1');
  try {
    await expect(say(store, newOrder(), 'no room')).rejects.toMatchObject({ code: 'STORE_OUT_OF_MEMORY' });
    const seen: string[] = [];
    const consumer = consume((text) => {
      if (text === 'poison') throw new Error('cannot digest this');
      seen.push(text);
    });
    await eventually(async () => {
      expect(seen.toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`).toSorted());
      expect((await consumer.admin.deadLetters({ limit: 5 })).letters.map(({ cause }) => cause)).toEqual([
        'poison',
        'blocked',
      ]);
      expect(await pending()).toBe(0);
    });
    // longer than a lease, which has to be renewed for that
    const epochs = await leases();
    const until = performance.now() + LEASE_MS * 1.5;
    await eventually(() => expect(performance.now()).toBeGreaterThan(until));
    expect(await leases()).toEqual(epochs);
    await consumer.stop();
  } finally {
    await store.redis.config('SET', 'maxmemory', '0');
  }
});

async function consumeAll(texts: readonly string[]): Promise<void> {
  const seen: string[] = [];
  const consumer = consume((text) => void seen.push(text));
  for (const text of texts) await say(store, newOrder(), text);
  await eventually(() => expect(seen).toEqual(texts));
  await consumer.stop();
}

async function leases(): Promise<unknown> {
  return await Promise.all(
    [0, 1].map((partition) =>
      store.redis.hmget(store.keys.group(partition, 'all', 'lease'), 'owner', 'epoch'),
    ),
  );
}
