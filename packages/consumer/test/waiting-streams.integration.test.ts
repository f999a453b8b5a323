import { setTimeout as sleep } from 'node:timers/promises';
import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { eventually } from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Consumer,
  createCommandConsumer,
  createEventConsumer,
  type DeadLetter,
  type DeliveryPolicy,
  PoisonError,
  TransientError,
} from '../src/index.ts';
import { orderOn, say, textOf, useStore } from './support/orders.ts';

const { store } = useStore(1);
/** So long that no test sees it pass. */
const NEVER_MS = 3_600_000;
const WAITS_LONG = { retryBaseMs: NEVER_MS, retryCapMs: NEVER_MS };
let groups = 0;
let group = '';
let consumer: Consumer;
/** What handling an event of a stream throws. */
let failures: Map<string, Error>;
let attempts: string[];
let handled: string[];
let mine: Set<string>;
const later = new TransientError('mailbox busy');

beforeEach(() => {
  groups += 1;
  group = `group-${groups}`;
  [failures, attempts, handled, mine] = [new Map(), [], [], new Set()];
});
afterEach(() => consumer.stop());

async function handle(event: EventEnvelope): Promise<void> {
  // the log has those of the tests before, too
  if (!mine.has(event.stream)) return;
  attempts.push(event.stream);
  const failure = failures.get(event.stream);
  if (failure !== undefined) throw failure;
  handled.push(`${event.stream} ${textOf(event)}`);
}

function start(policy: Partial<DeliveryPolicy>, instance = 'one'): void {
  const handler = { types: ['OrderDelivered'], handle };
  consumer = createEventConsumer({
    onError: () => undefined,
    store: store(),
    group,
    instance,
    policy: { retryBaseMs: 1, retryCapMs: 20, ...policy },
    handler,
  });
  consumer.start();
}

function newStreams(count: number): string[] {
  const streams = Array.from({ length: count }, () => orderOn(store(), 0));
  for (const stream of streams) mine.add(stream);
  return streams;
}

/** What the tests before have left in the log is handled. */
async function drained(): Promise<void> {
  await eventually(async () =>
    expect((await consumer.admin.status()).partitions).toMatchObject([{ lagEvents: 0 }]),
  );
}

async function letters(): Promise<readonly DeadLetter[]> {
  return (await consumer.admin.deadLetters({ limit: 500 })).letters;
}

async function causes(): Promise<Record<string, string[]>> {
  const byStream: Record<string, string[]> = {};
  for (const { stream, cause } of await letters()) byStream[stream] = [...(byStream[stream] ?? []), cause];
  return byStream;
}

const tried = (stream: string): number => attempts.filter((one) => one === stream).length;
const wasHandled = (stream: string, text: string) => () => expect(handled).toContain(`${stream} ${text}`);

describe('a stream that waits holds up no other', () => {
  it('beside a parked one, whose retry is carried out meanwhile', async () => {
    const [parked = '', waiting = '', good = ''] = newStreams(3);
    failures.set(parked, new PoisonError('no such mailbox')).set(waiting, later);
    await say(store(), parked, 'a');
    start(WAITS_LONG);
    await eventually(async () => expect(await causes()).toEqual({ [parked]: ['poison'] }));
    await say(store(), waiting, 'b');
    await eventually(() => expect(tried(waiting)).toBe(1));
    await say(store(), good, 'c');
    await eventually(wasHandled(good, 'c'));
    failures.delete(parked);
    expect(await consumer.admin.requestRetry(parked)).toBe(true);
    await eventually(wasHandled(parked, 'a'));
    expect(tried(waiting)).toBe(1);
  });

  it('while its handler takes its time', async () => {
    const [parked = '', slow = '', good = ''] = newStreams(3);
    const slowly = Promise.withResolvers<void>();
    failures.set(parked, new PoisonError('no such mailbox'));
    for (const stream of [parked, slow, good]) await say(store(), stream, 'x');
    consumer = createEventConsumer({
      onError: () => undefined,
      store: store(),
      group,
      instance: 'one',
      handler: {
        handle: async (event) => {
          if (event.stream === slow) await slowly.promise;
          await handle(event);
        },
      },
    });
    consumer.start();
    await eventually(wasHandled(good, 'x'));
    failures.delete(parked);
    await eventually(async () => expect(await consumer.admin.requestRetry(parked)).toBe(true));
    await eventually(wasHandled(parked, 'x'));
    expect(handled).not.toContain(`${slow} x`);
    slowly.resolve();
  });

  it('though there are more of them than may be handled at once', async () => {
    const waiting = newStreams(12);
    const [good = ''] = newStreams(1);
    for (const stream of waiting) failures.set(stream, later);
    for (const stream of [...waiting, good]) await say(store(), stream, 'x');
    start({ ...WAITS_LONG, concurrency: 3 });
    await eventually(wasHandled(good, 'x'));
    for (const stream of waiting) expect(tried(stream)).toBeGreaterThan(0);
  });

  it('when what an owner had in hand is taken over by the next', async () => {
    const [waiting = '', good = ''] = newStreams(2);
    failures.set(waiting, later);
    await say(store(), waiting, 'x');
    start(WAITS_LONG);
    await eventually(() => expect(tried(waiting)).toBe(1));
    await consumer.stop();
    await say(store(), good, 'x');
    start(WAITS_LONG, 'two');
    await eventually(wasHandled(good, 'x'));
    await eventually(() => expect(tried(waiting)).toBe(2));
  });

  it('while those that are deferred take their time when they are tried again', async () => {
    const bad = newStreams(4);
    const [good = ''] = newStreams(1);
    const slowly = Promise.withResolvers<void>();
    const seen = new Set<string>();
    for (const stream of bad) await say(store(), stream, 'x');
    consumer = createEventConsumer({
      onError: () => undefined,
      store: store(),
      group,
      instance: 'one',
      policy: { concurrency: 2, deferAfter: 1, deferMs: 1 },
      handler: {
        handle: async (event) => {
          if (bad.includes(event.stream) && seen.has(event.stream)) await slowly.promise;
          seen.add(event.stream);
          if (bad.includes(event.stream)) throw later;
          await handle(event);
        },
      },
    });
    consumer.start();
    await eventually(async () => expect(Object.keys(await causes())).toHaveLength(4));
    await eventually(async () =>
      expect((await consumer.admin.status()).partitions).toMatchObject([{ inFlight: expect.any(Number) }]),
    );
    // two looks: some of them are being tried again by now
    await sleep(1_200);
    await say(store(), good, 'x');
    await eventually(wasHandled(good, 'x')).finally(slowly.resolve);
  });

  it('in a queue of commands', async () => {
    const [waiting = '', good = ''] = newStreams(2);
    const category = `orders-${group}`;
    const first = await store().sendCommand({ type: 'Ship', category, stream: waiting, data: {} });
    const second = await store().sendCommand({ type: 'Ship', category, stream: good, data: {} });
    consumer = createCommandConsumer({
      onError: () => undefined,
      store: store(),
      category,
      instance: 'one',
      policy: { ...WAITS_LONG, concurrency: 1 },
      handlers: {
        Ship: async ({ stream }) => {
          if (stream === waiting) throw later;
          return { status: 'completed', result: {} };
        },
      },
    });
    consumer.start();
    await eventually(async () =>
      expect(await store().commandStatus(second.commandId)).toMatchObject({ status: 'completed' }),
    );
    expect(await store().commandStatus(first.commandId)).toMatchObject({ status: 'processing' });
  });
});

describe('a stream in long retry', () => {
  it('is deferred: visible, with what waits behind it, and tried again by itself, in order', async () => {
    const [bad = '', good = ''] = newStreams(2);
    failures.set(bad, later);
    await say(store(), bad, 'a', 'b');
    await say(store(), good, 'x');
    start({ deferAfter: 4, deferMs: 1 });
    await eventually(async () => {
      const [first, second] = await letters();
      expect(first).toMatchObject({ stream: bad, cause: 'deferred', error: 'TransientError: mailbox busy' });
      expect(first?.attempts).toBeGreaterThan(5);
      expect(Date.parse(first?.retryAt ?? '')).toBeGreaterThan(Date.parse(first?.parkedAt ?? ''));
      expect(second).toMatchObject({ stream: bad, cause: 'blocked', retryAt: null });
    });
    const { partitions, totals } = await consumer.admin.status();
    expect(partitions).toMatchObject([{ blockedStreams: 0, deferredStreams: 1, lagEvents: 0 }]);
    expect(totals.parked).toBe(1);
    failures.clear();
    await eventually(() => expect(handled).toEqual([`${good} x`, `${bad} a`, `${bad} b`]));
    await say(store(), bad, 'c');
    await eventually(wasHandled(bad, 'c'));
    expect(await letters()).toEqual([]);
    expect((await consumer.admin.status()).partitions).toMatchObject([{ deferredStreams: 0 }]);
  });

  it('is tried again by the next owner', async () => {
    const [bad = ''] = newStreams(1);
    failures.set(bad, later);
    await say(store(), bad, 'a', 'b');
    start({ deferAfter: 1, deferMs: NEVER_MS });
    await eventually(async () => expect(await causes()).toEqual({ [bad]: ['deferred', 'blocked'] }));
    await consumer.stop();
    await store().redis.zadd(store().keys.group(0, group, 'deferred'), 'XX', Date.now(), bad);
    failures.clear();
    start({}, 'two');
    await eventually(() => expect(handled).toEqual([`${bad} a`, `${bad} b`]));
  });

  it('goes on by itself also where there is no room for what waits behind it', async () => {
    const [bad = ''] = newStreams(1);
    failures.set(bad, later);
    await say(store(), bad, 'a', 'b', 'c', 'd');
    start({ deferAfter: 1, deferMs: 1, maxParkedPerStream: 2 });
    await eventually(async () =>
      expect((await consumer.admin.status()).partitions).toMatchObject([{ state: 'paused' }]),
    );
    failures.clear();
    await eventually(() => expect(handled).toEqual(['a', 'b', 'c', 'd'].map((text) => `${bad} ${text}`)));
    await eventually(async () => expect(await letters()).toEqual([]));
  });

  it('is parked once it has killed the process too often, also where nothing has succeeded since', async () => {
    const [bad = ''] = newStreams(1);
    failures.set(bad, later);
    const [position = ''] = await say(store(), bad, 'a');
    start({ deferAfter: 1, deferMs: NEVER_MS });
    await eventually(async () => expect(await causes()).toEqual({ [bad]: ['deferred'] }));
    await drained();
    await consumer.stop();
    const { redis, keys } = store();
    await redis.hset(keys.group(0, group, 'attempts'), entryIdOf(position), 3);
    await redis.zadd(keys.group(0, group, 'deferred'), 'XX', Date.now(), bad);
    const before = tried(bad);
    start({ deferMs: NEVER_MS }, 'two');
    await eventually(async () => expect((await letters())[0]?.error).toContain('died'));
    expect(await causes()).toEqual({ [bad]: ['poison'] });
    expect(tried(bad)).toBe(before);
  });

  it('can be retried and discarded by an operator before its time', async () => {
    const [retried = '', discarded = ''] = newStreams(2);
    failures.set(retried, later).set(discarded, later);
    await say(store(), retried, 'a');
    const [first = ''] = await say(store(), discarded, 'a', 'b');
    start({ deferAfter: 1, deferMs: NEVER_MS });
    const deferred = { [retried]: ['deferred'], [discarded]: ['deferred', 'blocked'] };
    await eventually(async () => expect(await causes()).toEqual(deferred));
    const before = tried(retried);
    expect(await consumer.admin.requestRetry(retried)).toBe(true);
    await eventually(() => expect(tried(retried)).toBe(before + 1));
    await eventually(async () => expect((await causes())[retried]).toEqual(['deferred']));
    failures.clear();
    await consumer.admin.requestRetry(retried);
    await eventually(wasHandled(retried, 'a'));
    await consumer.admin.requestDiscard(discarded, first, 'a mistyped address');
    await eventually(async () => expect(await causes()).toEqual({ [discarded]: ['blocked'] }));
    await consumer.admin.requestRetry(discarded);
    await eventually(() => expect(handled).toEqual([`${retried} a`, `${discarded} b`]));
  });

  it('is one of a bounded number; the others are tried where they are', async () => {
    const bad = newStreams(4);
    const [good = ''] = newStreams(1);
    for (const stream of bad) failures.set(stream, later);
    for (const stream of [...bad, good]) await say(store(), stream, 'x');
    start({ deferAfter: 2, deferMs: NEVER_MS, maxDeferredStreams: 2 });
    await eventually(wasHandled(good, 'x'));
    await eventually(() => {
      for (const stream of bad) expect(tried(stream)).toBeGreaterThan(1);
    });
    await eventually(async () =>
      expect((await consumer.admin.status()).partitions).toMatchObject([
        { deferredStreams: 2, inFlight: 2, state: 'retrying', reason: 'TransientError: mailbox busy' },
      ]),
    );
    const [first] = await letters();
    await consumer.admin.requestDiscard(first?.stream ?? '', first?.eventId ?? '', 'to make room');
    // there is room now for one more
    await eventually(async () => {
      const streams = Object.keys(await causes());
      expect(streams).toHaveLength(2);
      expect(streams).not.toContain(first?.stream);
    });
  });
});

describe('what looks like an outage', () => {
  it('is one while nothing succeeds: streams are deferred, and are handled once it is over', async () => {
    const streams = newStreams(12);
    for (const stream of streams) failures.set(stream, new Error('looks like poison'));
    start({ maxAttempts: 1, systemicStreams: 3, deferAfter: 4, deferMs: 1 });
    await drained();
    for (const stream of streams) await say(store(), stream, 'x');
    const count = async (cause: string): Promise<number> =>
      (await letters()).filter((letter) => letter.cause === cause).length;
    await eventually(async () => expect(await count('deferred')).toBe(10));
    // the first two look like poison, since nobody can know better yet
    expect(await count('poison')).toBe(2);
    failures.clear();
    await eventually(() => expect(handled).toHaveLength(10));
    expect(await count('poison')).toBe(2);
  });

  it('is none once something else succeeds: each stream is parked for itself', async () => {
    const bad = newStreams(8);
    const [good = ''] = newStreams(1);
    for (const stream of bad) failures.set(stream, new Error('contradicts the books'));
    start({ maxAttempts: 2, deferMs: 1, concurrency: 2 });
    await drained();
    for (const stream of [...bad, good]) await say(store(), stream, 'x');
    await eventually(wasHandled(good, 'x'));
    await eventually(async () =>
      expect(await causes()).toEqual(Object.fromEntries(bad.map((stream) => [stream, ['poison']]))),
    );
  });

  it('wakes those that wait once, and not again with everything that succeeds', async () => {
    const bad = newStreams(6);
    const [good = ''] = newStreams(1);
    for (const stream of bad) failures.set(stream, later);
    start(WAITS_LONG);
    await drained();
    for (const stream of bad) await say(store(), stream, 'x');
    await eventually(() => expect(attempts).toHaveLength(6));
    for (let i = 0; i < 6; i += 1) {
      await say(store(), good, `${i}`);
      await eventually(wasHandled(good, `${i}`));
      await sleep(30);
    }
    for (const stream of bad) expect(tried(stream)).toBeLessThan(4);
  });

  it('lets a command fail in the end, so that its stream goes on', async () => {
    const streams = newStreams(3);
    const category = `orders-${group}`;
    const sent = await Promise.all(
      streams.map((stream) => store().sendCommand({ type: 'Ship', category, stream, data: {} })),
    );
    consumer = createCommandConsumer({
      onError: () => undefined,
      store: store(),
      category,
      instance: 'one',
      policy: { retryBaseMs: 1, maxAttempts: 1, systemicStreams: 1, deferAfter: 3 },
      handlers: { Ship: () => Promise.reject(new Error('a bug')) },
    });
    consumer.start();
    await eventually(async () => {
      for (const { commandId } of sent)
        expect(await store().commandStatus(commandId)).toMatchObject({ status: 'failed' });
    });
  });
});
