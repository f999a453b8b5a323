import { type Consumer, createTransactionalConsumer, type DeliveryPolicy } from '@headrace/consumer';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabase, createPostgresSink, type Database } from '../src/index.ts';
import { registry } from './support/order-delivered.ts';

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
let store: EventStore;
let database: Database<unknown>;
let consumer: Consumer;
/** Streams that cannot be handled. */
let bad: Set<string>;
let handled: string[];

beforeEach(async () => {
  const { url: redisUrl, prefix } = redis;
  store = await openEventStore({
    redisUrl,
    prefix,
    partitions: 1,
    registry,
    durability: 'memory',
  });
  database = createDatabase({ url: postgres.url, schema: 'parked_bounds', migrations: {} });
  await database.migrate();
  [bad, handled] = [new Set(), []];
});
afterEach(async () => {
  await consumer.stop();
  await database.close();
  await store.close();
});

function start(bounds: Partial<DeliveryPolicy>): void {
  consumer = createTransactionalConsumer({
    onError: () => undefined,
    store,
    group: 'bounded',
    instance: 'one',
    leaseMs: 1_000,
    policy: { ...bounds, maxAttempts: 1, retryBaseMs: 5 },
    sink: createPostgresSink(database),
    handler: {
      handle: async (events) => {
        for (const { stream } of events) if (bad.has(stream)) throw new Error('cannot digest this');
        handled.push(...events.map(({ stream }) => stream));
      },
    },
  });
  consumer.start();
}

async function say(orderId: string): Promise<void> {
  const data = { orderId, userId: 'ann', signature: 'x' };
  await store.append(`order:${orderId}`, [{ type: 'OrderDelivered', data }]);
}

it('a transactional consumer pauses, visibly, when too many streams are blocked, and goes on when there is room', async () => {
  bad = new Set(['order:a', 'order:b', 'order:c']);
  for (const orderId of ['a', 'b', 'c', 'd']) await say(orderId);
  start({ maxBlockedStreams: 2 });
  await eventually(async () => {
    const { partitions } = await consumer.admin.status();
    expect(partitions).toMatchObject([
      { state: 'paused', reason: expect.stringContaining('too many parked events'), blockedStreams: 2 },
    ]);
  });
  // nothing is skipped: what comes after the one that finds no room waits
  expect(handled).toEqual([]);
  bad = new Set();
  expect(await consumer.admin.requestRetry('order:a')).toBe(true);
  // the one that waited for room had failed already, and is parked in its turn
  await eventually(() => expect(handled).toEqual(['order:a', 'order:d']));
  for (const stream of ['order:b', 'order:c']) await consumer.admin.requestRetry(stream);
  await eventually(async () => expect((await consumer.admin.deadLetters({ limit: 5 })).letters).toEqual([]));
  expect(handled.toSorted()).toEqual(['order:a', 'order:b', 'order:c', 'order:d']);
});

it('a transactional consumer pauses, visibly, when too many events wait behind one', async () => {
  bad = new Set(['order:a']);
  // what is one batch may go over a bound, so they come one after the other
  start({ maxParkedPerStream: 2, batchSize: 1 });
  for (const orderId of ['a', 'a', 'a', 'b']) await say(orderId);
  await eventually(async () => {
    const { partitions } = await consumer.admin.status();
    expect(partitions).toMatchObject([
      { state: 'paused', reason: expect.stringContaining('too many parked events') },
    ]);
  });
  expect(handled).toEqual([]);
  expect((await consumer.admin.deadLetters({ limit: 5 })).letters).toHaveLength(2);
  bad = new Set();
  expect(await consumer.admin.requestRetry('order:a')).toBe(true);
  // the third was to be parked before there was room; it comes after the two, at a retry of its own
  await eventually(async () => expect(handled).toContain('order:b'));
  await consumer.admin.requestRetry('order:a');
  await eventually(async () => expect((await consumer.admin.deadLetters({ limit: 5 })).letters).toEqual([]));
  expect(handled.toSorted()).toEqual(['order:a', 'order:a', 'order:a', 'order:b']);
});
