import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Consumer,
  type ConsumerOptions,
  createEventConsumer,
  createTransactionalConsumer,
} from '@headrace/consumer';
import type { EventEnvelope } from '@headrace/event-schema';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, createPostgresSink, type Database } from '../src/index.ts';
import { registry } from './support/order-delivered.ts';

const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
let store: EventStore;
let database: Database<unknown>;
let consumer: Consumer;
let groups = 0;
/** Why the events of a stream cannot be handled, by the stream. */
let bad: Map<string, string>;
let handled: string[];

beforeEach(async () => {
  groups += 1;
  const { url: redisUrl, prefix } = redis;
  const keyed = {
    redisUrl,
    prefix: `${prefix}${groups}:`,
    registry,
    durability: 'memory' as const,
  };
  store = await openEventStore({ ...keyed, partitions: 2 });
  database = createDatabase({ url: postgres.url, schema: 'operators', migrations: {} });
  await database.migrate();
  [bad, handled, slow, failsAfterMs, failing] = [new Map(), [], undefined, 0, 0];
});
afterEach(async () => {
  await consumer.stop();
  await database.close();
  await store.close();
});

/** While an event of this stream is handled, which takes until this is resolved. */
let slow: { readonly stream: string; readonly done: Promise<void>; isBegun: boolean } | undefined;

function digest({ stream }: EventEnvelope): void {
  const why = bad.get(stream);
  if (why !== undefined) throw new Error(why, { cause: new Error('the root of it') });
  handled.push(stream);
}

/** How long an event that cannot be handled takes to fail, and how many are at it. */
let failsAfterMs = 0;
let failing = 0;

async function digestSlowly(event: EventEnvelope): Promise<void> {
  if (failsAfterMs > 0 && bad.has(event.stream)) {
    failing += 1;
    await sleep(failsAfterMs);
  }
  if (slow?.stream === event.stream && !bad.has(event.stream)) {
    slow.isBegun = true;
    await slow.done;
  }
  digest(event);
}

const modes = {
  acknowledged: (options: ConsumerOptions) =>
    createEventConsumer({ ...options, handler: { handle: digestSlowly } }),
  transactional: (options: ConsumerOptions) =>
    createTransactionalConsumer({
      ...options,
      sink: createPostgresSink(database),
      handler: {
        handle: async (events) => {
          for (const event of events) await digestSlowly(event);
        },
      },
    }),
};

describe.each(['acknowledged', 'transactional'] as const)('operators of a group in %s mode', (mode) => {
  const create = (instance: string): Consumer =>
    modes[mode]({
      onError: () => undefined,
      store,
      group: `group-${groups}`,
      instance,
      leaseMs: 1_000,
      // so many that fail and none that works are no outage here
      policy: { maxAttempts: 1, retryBaseMs: 5, systemicStreams: 1_000 },
    });
  const start = (): void => {
    consumer = create('one');
    consumer.start();
  };
  const say = async (orderId: string): Promise<string> => {
    const data = { orderId, userId: 'ann', signature: 'x' };
    const { positions } = await store.append(`order:${orderId}`, [{ type: 'OrderDelivered', data }]);
    return positions[0] ?? '';
  };
  const totals = async () => await consumer.admin.deadLetterTotals();
  const parked = async (streams: number, events: number): Promise<void> =>
    await eventually(async () => expect(await totals()).toEqual({ streams, events, openRequests: 0 }));
  /** Of everything that was asked for, as `stream: outcome`. */
  const outcomes = async (): Promise<string[]> =>
    (await consumer.admin.requests(1_000)).map(({ stream, outcome }) => `${stream}: ${outcome}`).toSorted();

  it('see the stack of what failed, and of what caused it', async () => {
    bad.set('order:s', 'cannot digest this');
    await say('s');
    await say('s');
    start();
    await parked(1, 2);
    const { letters } = await consumer.admin.deadLetters({ limit: 10 });
    expect(letters[0]?.error).toBe('Error: cannot digest this');
    expect(letters[0]?.stack).toMatch(
      /^Error: cannot digest this\n +at digest \(.*\ncaused by: Error: the root of it\n/s,
    );
    expect(letters[1]).toMatchObject({ cause: 'blocked', error: null, stack: null });
  });

  it('ask for many at once, and are told what has become of it', async () => {
    const many = Array.from({ length: 300 }, (_, n) => `order:a${n}`);
    for (const stream of many) bad.set(stream, 'no template for this');
    for (const stream of ['order:b0', 'order:b1']) bad.set(stream, 'broken by hand');
    for (const stream of bad.keys()) await say(stream.slice('order:'.length));
    await say('a0');
    start();
    await parked(302, 303);

    for (const stream of many.slice(1)) bad.delete(stream);
    bad.set('order:a0', 'still no template');
    const meant = { cause: 'poison', error: 'no template' } as const;
    expect(await consumer.admin.requestRetries(meant, { actor: 'ops' })).toBe(300);
    await parked(3, 4);
    expect(handled.toSorted()).toEqual(many.slice(1).toSorted());
    const all = await consumer.admin.requests(1_000);
    expect(all).toHaveLength(300);
    expect(all).toEqual(
      all.map((request) => ({ ...request, kind: 'retry', eventId: null, actor: 'ops', reason: null })),
    );
    const failed = all.filter(({ outcome }) => outcome !== 'handled: 1 event');
    expect(failed).toMatchObject([
      {
        stream: 'order:a0',
        outcome: 'failed again: Error: still no template',
        finishedAt: expect.any(String),
      },
    ]);
    expect(await consumer.admin.requests(5)).toHaveLength(5);

    expect(await consumer.admin.requestDiscards({ error: 'broken by hand' }, 'made up')).toBe(2);
    await parked(1, 2);
    const discarded = (await consumer.admin.requests(2)).map(({ stream, reason, outcome }) => [
      stream,
      reason,
      outcome,
    ]);
    expect(discarded.toSorted()).toEqual([
      ['order:b0', 'made up', 'discarded'],
      ['order:b1', 'made up', 'discarded'],
    ]);
    expect(await consumer.admin.requestRetries({ cause: 'unreadable' })).toBe(0);

    bad.clear();
    expect(await consumer.admin.requestRetries({})).toBe(1);
    await parked(0, 0);
    expect(await outcomes()).toContain('order:a0: handled: 2 events');
  });

  it('get what no contract describes handled again by a handler of all types', async () => {
    bad.set('note:n', 'cannot digest this');
    await store.append('note:n', [{ type: 'Noted', data: {} }]);
    start();
    await parked(1, 1);
    bad.clear();
    expect(await consumer.admin.requestRetry('note:n')).toBe(true);
    await parked(0, 0);
    expect(handled).toEqual(['note:n']);
  });

  it('hold up no other partition with a retry that takes long', async () => {
    const nameOn = (partition: number): string => {
      for (let n = 0; ; n += 1) if (store.keys.partitionOf(`order:p${n}`) === partition) return `p${n}`;
    };
    const [here, there] = [nameOn(0), nameOn(1)];
    bad.set(`order:${here}`, 'cannot digest this');
    await say(here);
    start();
    await parked(1, 1);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    slow = { stream: `order:${here}`, done, isBegun: false };
    bad.clear();
    await consumer.admin.requestRetry(`order:${here}`);
    await eventually(() => expect(slow?.isBegun).toBe(true));
    await say(there);
    await eventually(() => expect(handled).toEqual([`order:${there}`]));
    resolve();
    await parked(0, 0);
    expect(handled).toEqual([`order:${there}`, `order:${here}`]);
  });

  it('let new events through while many streams are tried again, each of which takes long to fail', async () => {
    const many = Array.from({ length: 60 }, (_, n) => `note:bad${n}`);
    for (const stream of many) {
      bad.set(stream, 'cannot digest this');
      await store.append(stream, [{ type: 'Noted', data: {} }]);
    }
    start();
    await parked(60, 60);
    // each attempt takes as long as five looks, all of them together much longer than what this test waits for
    failsAfterMs = 2_500;
    expect(await consumer.admin.requestRetries({})).toBe(60);
    await eventually(() => expect(failing).toBeGreaterThan(0));
    for (const n of ['0', '1']) await say(n);
    await eventually(() => expect(handled.toSorted()).toEqual(['order:0', 'order:1']), { timeoutMs: 15_000 });
    expect((await totals()).openRequests).toBeGreaterThan(20);
    failsAfterMs = 0;
    await parked(60, 60);
  });

  it('can read why something failed again, whatever the error says', async () => {
    bad.set('order:nul', 'cannot digest a\0b \ud800');
    await say('nul');
    start();
    await parked(1, 1);
    await consumer.admin.requestRetry('order:nul');
    await parked(1, 1);
    await eventually(async () =>
      expect((await outcomes()).join()).toContain('failed again: Error: cannot digest a'),
    );
    await say('after');
    await eventually(() => expect(handled).toEqual(['order:after']));
  });

  it('see the requests about one stream, open or done', async () => {
    for (const stream of ['order:x', 'order:y']) {
      bad.set(stream, 'cannot digest this');
      await say(stream.slice('order:'.length));
    }
    start();
    await parked(2, 2);
    for (const stream of ['order:x', 'order:y', 'order:x']) await consumer.admin.requestRetry(stream);
    await eventually(async () => expect((await totals()).openRequests).toBe(0));
    const { admin } = consumer;
    const aims = async (filter: Parameters<typeof admin.requests>[1]) =>
      (await admin.requests(10, filter)).map(({ stream }) => stream);
    expect(new Set(await aims({ stream: 'order:x' }))).toEqual(new Set(['order:x']));
    expect(await aims({ stream: 'order:z' })).toEqual([]);
    expect(await aims({ isOpen: true })).toEqual([]);
    expect(new Set(await aims({ isOpen: false }))).toEqual(new Set(['order:x', 'order:y']));
    await consumer.stop();
    consumer = create('two');
    await consumer.admin.requestRetry('order:y');
    await consumer.admin.requestRetry('order:y');
    expect((await consumer.admin.requests(10, { isOpen: true })).map(({ stream }) => stream)).toEqual([
      'order:y',
    ]);
    expect(await totals()).toEqual({ streams: 2, events: 2, openRequests: 1 });
  });

  it('leave no request open that came too late, or that an owner before has left', async () => {
    bad.set('order:late', 'cannot digest this');
    const eventId = await say('late');
    start();
    await parked(1, 1);
    await consumer.stop();
    // nobody works on it meanwhile
    consumer = create('two');
    const { admin } = consumer;
    expect(await admin.requestDiscard('order:late', eventId, 'one')).toBe(true);
    expect(await admin.requestDiscard('order:late', eventId, 'one')).toBe(true);
    expect(await admin.requestRetry('order:late')).toBe(true);
    expect((await totals()).openRequests).toBeGreaterThanOrEqual(2);
    consumer.start();
    await parked(0, 0);
    const known = await outcomes();
    expect(known).toContain('order:late: discarded');
    expect(known).toContain('order:late: nothing of the stream was parked any more');
    expect(known.join()).not.toContain('null');
  });
});
