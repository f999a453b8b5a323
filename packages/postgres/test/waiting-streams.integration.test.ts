import { randomUUID } from 'node:crypto';
import {
  type Consumer,
  createTransactionalConsumer,
  type DeadLetter,
  type DeliveryPolicy,
  TransientError,
} from '@headrace/consumer';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, createPostgresSink, type Database } from '../src/index.ts';
import { registry } from './support/order-delivered.ts';

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
/** So long that no test sees it pass. */
const NEVER_MS = 3_600_000;
let store: EventStore;
let database: Database<unknown>;
let consumer: Consumer;
/** What handling an event of a stream throws. */
let failures: Map<string, Error>;
let handled: string[];
const later = new TransientError('a lock is held');

beforeEach(async () => {
  const name = randomUUID().slice(0, 8);
  store = await openEventStore({
    redisUrl: redis.url,
    prefix: `${redis.prefix}-${name}`,
    partitions: 1,
    registry,
    durability: 'memory',
  });
  database = createDatabase({ url: postgres.url, schema: `waiting_${name}`, migrations: {} });
  await database.migrate();
  [failures, handled] = [new Map(), []];
});
afterEach(async () => {
  await consumer.stop();
  await database.close();
  await store.close();
});

function start(policy: Partial<DeliveryPolicy>, instance = 'one'): void {
  consumer = createTransactionalConsumer({
    onError: () => undefined,
    store,
    group: 'waiting',
    instance,
    policy: { retryBaseMs: 1, retryCapMs: 10, ...policy },
    sink: createPostgresSink(database),
    handler: {
      handle: async (events) => {
        for (const { stream } of events) {
          const failure = failures.get(stream);
          if (failure !== undefined) throw failure;
        }
        handled.push(...events.map(({ stream, version }) => `${stream} ${version}`));
      },
    },
  });
  consumer.start();
}

async function say(stream: string, count = 1): Promise<readonly string[]> {
  const data = { orderId: stream.slice('order:'.length), userId: 'ann', signature: 'x' };
  const events = Array.from({ length: count }, () => ({ type: 'OrderDelivered', data }));
  return (await store.append(stream, events)).positions;
}

async function letters(): Promise<readonly DeadLetter[]> {
  return (await consumer.admin.deadLetters({ limit: 100 })).letters;
}

const causes = async (): Promise<string[]> =>
  (await letters()).map(({ stream, cause }) => `${stream} ${cause}`);

describe('a stream whose failure may pass', () => {
  it('is deferred, so that the others of its partition go on, and tried again by itself, in order', async () => {
    failures.set('order:bad', later);
    await say('order:bad', 3);
    await say('order:good', 2);
    start({ deferAfter: 3, deferMs: 1 });
    await eventually(() => expect(handled).toEqual(['order:good 1', 'order:good 2']));
    await eventually(async () => {
      expect(await letters()).toMatchObject([
        { stream: 'order:bad', cause: 'deferred', error: 'TransientError: a lock is held' },
        { cause: 'blocked', retryAt: null },
        { cause: 'blocked', retryAt: null },
      ]);
      expect((await letters())[0]?.attempts).toBeGreaterThan(4);
    });
    const { partitions } = await consumer.admin.status();
    expect(partitions).toMatchObject([{ blockedStreams: 0, deferredStreams: 1, lagEvents: 0 }]);
    failures.clear();
    await eventually(() => expect(handled.slice(2)).toEqual(['order:bad 1', 'order:bad 2', 'order:bad 3']));
    await say('order:bad');
    await eventually(() => expect(handled).toContain('order:bad 4'));
    expect(await letters()).toEqual([]);
  });

  it('is tried again by the next owner', async () => {
    failures.set('order:bad', later);
    await say('order:bad', 2);
    start({ deferAfter: 1, deferMs: NEVER_MS });
    await eventually(async () => expect(await causes()).toEqual(['order:bad deferred', 'order:bad blocked']));
    await consumer.stop();
    failures.clear();
    await sql`update parked_events set retry_at = now() where retry_at is not null`.execute(database.db);
    start({}, 'two');
    await eventually(() => expect(handled).toEqual(['order:bad 1', 'order:bad 2']));
  });

  it('goes on by itself also where there is no room for what waits behind it', async () => {
    failures.set('order:bad', later);
    await say('order:bad', 4);
    start({ deferAfter: 1, deferMs: 1, maxParkedPerStream: 2, batchSize: 1 });
    await eventually(async () =>
      expect((await consumer.admin.status()).partitions).toMatchObject([{ state: 'paused' }]),
    );
    failures.clear();
    await eventually(() => expect(handled).toEqual([1, 2, 3, 4].map((n) => `order:bad ${n}`)));
    await eventually(async () => expect(await letters()).toEqual([]));
  });

  it('is parked once it has killed the process too often, also where nothing has succeeded since', async () => {
    failures.set('order:bad', later);
    await say('order:bad');
    start({ deferAfter: 1, deferMs: NEVER_MS });
    await eventually(async () => expect(await causes()).toEqual(['order:bad deferred']));
    await consumer.stop();
    await sql`update parked_events set retry_at = now()`.execute(database.db);
    await sql`update consumer_checkpoints set suspect = entry_id, crashes = 3`.execute(database.db);
    start({ deferMs: NEVER_MS }, 'two');
    await eventually(async () => expect((await letters())[0]?.error).toContain('died'));
    expect(await causes()).toEqual(['order:bad poison']);
  });

  it('can be retried and discarded by an operator before its time', async () => {
    failures.set('order:bad', later);
    const [first = ''] = await say('order:bad', 2);
    start({ deferAfter: 1, deferMs: NEVER_MS });
    await eventually(async () => expect(await causes()).toEqual(['order:bad deferred', 'order:bad blocked']));
    const [before] = await letters();
    await consumer.admin.requestRetry('order:bad');
    await eventually(async () =>
      expect((await letters())[0]).toMatchObject({
        cause: 'deferred',
        attempts: (before?.attempts ?? 0) + 1,
      }),
    );
    expect(await consumer.admin.requestDiscard('order:bad', first, 'known')).toBe(true);
    await eventually(async () => expect(await causes()).toEqual(['order:bad deferred']));
    failures.clear();
    await consumer.admin.requestRetry('order:bad');
    await eventually(() => expect(handled).toEqual(['order:bad 2']));
  });

  it('counts as tried again when a whole batch has failed', async () => {
    failures.set('order:bad', later);
    await say('order:bad');
    start({ retryBaseMs: NEVER_MS, retryCapMs: NEVER_MS });
    const { totals } = await eventually(async () => {
      const status = await consumer.admin.status();
      expect(status.partitions).toMatchObject([{ state: 'retrying' }]);
      return status;
    });
    expect(totals.retried).toBe(1);
  });

  it('waits in its place while too many are deferred, and an operator can make room', async () => {
    for (const stream of ['order:a', 'order:b']) failures.set(stream, later);
    const [first = ''] = await say('order:a');
    await say('order:b');
    await say('order:good');
    start({ deferAfter: 2, deferMs: NEVER_MS, maxDeferredStreams: 1 });
    await eventually(async () => {
      expect((await consumer.admin.status()).partitions).toMatchObject([
        { deferredStreams: 1, state: 'retrying', reason: 'TransientError: a lock is held' },
      ]);
      expect((await consumer.admin.status()).totals.retried).toBeGreaterThan(5);
    });
    expect(await causes()).toEqual(['order:a deferred']);
    await consumer.admin.requestDiscard('order:a', first, 'to make room');
    await eventually(() => expect(handled).toEqual(['order:good 1']));
    expect(await causes()).toEqual(['order:b deferred']);
  });
});

describe('streams of bad history, one after the other', () => {
  it('hold nothing up, however many: each is parked', async () => {
    const bad = Array.from({ length: 9 }, (_, i) => `order:never${i}`);
    for (const stream of bad) failures.set(stream, new Error('contradicts the books'));
    for (const stream of bad) await say(stream);
    await say('order:good');
    start({ deferAfter: 4, deferMs: 1 });
    await eventually(() => expect(handled).toEqual(['order:good 1']));
    await eventually(async () => expect(await causes()).toEqual(bad.map((stream) => `${stream} poison`)));
  });

  it('are not all taken for poison while nothing succeeds', async () => {
    const streams = Array.from({ length: 9 }, (_, i) => `order:${i}`);
    for (const stream of streams) failures.set(stream, new Error('looks like poison'));
    for (const stream of streams) await say(stream);
    start({ deferAfter: 4, deferMs: 1 });
    const expected = streams.map((stream, i) => `${stream} ${i < 4 ? 'poison' : 'deferred'}`);
    await eventually(async () => expect(await causes()).toEqual(expected));
    failures.clear();
    await eventually(() => expect(handled).toEqual(streams.slice(4).map((stream) => `${stream} 1`)));
  });
});
