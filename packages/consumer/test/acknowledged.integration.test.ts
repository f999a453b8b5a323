import { setTimeout as sleep } from 'node:timers/promises';
import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { eventually } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Consumer,
  createEventConsumer,
  type DeadLetter,
  type DeliveryPolicy,
  PoisonError,
  TransientError,
} from '../src/index.ts';
import { newOrder, orderOn, say, sayMuch, textOf, useStore } from './support/orders.ts';

const { store } = useStore();
let groups = 0;
const running: Consumer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((consumer) => consumer.stop()));
});

function consume(
  handle: (event: EventEnvelope) => Promise<void>,
  policy: Partial<DeliveryPolicy> = {},
  group = `group-${++groups}`,
): Consumer {
  const consumer = createEventConsumer({
    onError: () => undefined,
    store: store(),
    group,
    instance: `${group}-${running.length}`,
    policy: { retryBaseMs: 5, ...policy },
    handler: { types: ['OrderDelivered'], handle },
  });
  running.push(consumer);
  consumer.start();
  return consumer;
}

async function drained(consumer: Consumer): Promise<void> {
  await eventually(async () => {
    const { partitions } = await consumer.admin.status();
    expect(partitions).toHaveLength(store().partitions);
    expect(partitions.map(({ lagEvents }) => lagEvents)).toEqual(partitions.map(() => 0));
  });
}

async function pagesOf({ admin }: Consumer, limit: number): Promise<(readonly DeadLetter[])[]> {
  const pages: (readonly DeadLetter[])[] = [];
  for (;;) {
    const after = pages.at(-1)?.at(-1);
    const { letters, isEnd } = await admin.deadLetters({ limit, ...(after === undefined ? {} : { after }) });
    pages.push(letters);
    if (isEnd) return pages;
  }
}

describe('an acknowledged consumer', () => {
  it('handles every event, each stream in order and one at a time, several streams at once', async () => {
    const streams = Array.from({ length: 20 }, newOrder);
    for (let step = 0; step < 10; step += 1)
      await Promise.all(streams.map((stream) => say(store(), stream, `${step}`)));
    const seen = new Map<string, string[]>();
    const busy = new Set<string>();
    let most = 0;
    const consumer = consume(async (event) => {
      expect(busy.has(event.stream)).toBe(false);
      busy.add(event.stream);
      most = Math.max(most, busy.size);
      await sleep(1);
      seen.set(event.stream, [...(seen.get(event.stream) ?? []), textOf(event)]);
      busy.delete(event.stream);
    });
    await drained(consumer);
    for (const stream of streams) expect(seen.get(stream)).toEqual([...'0123456789']);
    expect(most).toBeGreaterThan(1);
  });

  it('delivers what others have written by hand as it stands', async () => {
    const stream = orderOn(store(), 0);
    await say(store(), stream, 'usual');
    const log = store().keys.log(0);
    const fields = [
      'stream',
      stream,
      'version',
      '2',
      'type',
      'Odd',
      'schema',
      '1',
      'data',
      '{}',
      'meta',
      '{}',
    ];
    const odd = [
      [...fields, 'id', 'an id of its own'],
      fields.with(9, '{}\x1f'),
      fields.with(7, '1\x1e'),
      ['hello', 'world'],
    ];
    for (const one of odd) await store().redis.xadd(log, '*', ...one);
    await say(store(), stream, 'usual again');
    const seen: EventEnvelope[] = [];
    const consumer = createEventConsumer({
      onError: () => undefined,
      store: store(),
      group: `group-${++groups}`,
      instance: 'one',
      handler: { handle: async (event) => void seen.push(event) },
    });
    running.push(consumer);
    consumer.start();
    const byPosition = (events: readonly EventEnvelope[]): Map<string, EventEnvelope> =>
      new Map(events.map((event) => [event.position, event]));
    const expected: EventEnvelope[] = [];
    for (const [id] of await store().redis.xrange(log, '-', '+')) {
      const event = await store().readEvent(`0-${id}`);
      if (event !== null) expected.push(event);
    }
    await eventually(() => {
      const found = seen.filter(({ position }) => position.startsWith('0-'));
      expect(byPosition(found)).toEqual(byPosition(expected));
    });
  });

  it('has no more than a batch in hand, however much waits and however slow the handler is', async () => {
    const stream = orderOn(store(), 1);
    const others = Array.from({ length: 60 }, () => orderOn(store(), 1));
    for (const other of [stream, ...others]) await say(store(), other, 'x');
    const go = Promise.withResolvers<void>();
    let busy = 0;
    const group = `group-${++groups}`;
    const consumer = consume(
      async () => {
        busy += 1;
        await go.promise;
      },
      { batchSize: 20, concurrency: 5 },
      group,
    );
    const inHand = async (): Promise<unknown> =>
      (await store().redis.xpending(store().keys.log(1), group))[0];
    await eventually(async () => {
      expect(await inHand()).toBe(20);
      expect(busy).toBeGreaterThanOrEqual(5);
    });
    // others on other partitions get no more room either
    expect(busy).toBeLessThanOrEqual(5 * store().partitions);
    const { partitions } = await consumer.admin.status();
    for (const { inFlight } of partitions) expect(inFlight).toBeLessThanOrEqual(20);
    go.resolve();
    await drained(consumer);
    expect(await inHand()).toBe(0);
  });

  it('has fewer in hand where they are large, and handles them all in order', async () => {
    const stream = orderOn(store(), 1);
    const [first = ''] = await sayMuch(store(), stream, 120);
    const group = `group-${++groups}`;
    const inHand: number[] = [];
    const versions: number[] = [];
    const consumer = createEventConsumer({
      onError: () => undefined,
      store: store(),
      group,
      instance: 'one',
      handler: {
        handle: async (event) => {
          if (event.stream !== stream) return;
          const key = store().keys.log(1);
          inHand.push((await store().redis.xpending(key, group, entryIdOf(first), '+', 200)).length);
          versions.push(event.version);
        },
      },
    });
    running.push(consumer);
    consumer.start();
    await drained(consumer);
    expect(versions).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
    // of small ones, all would be
    expect(Math.max(...inHand)).toBeLessThan(90);
  });

  it('takes over no more large events than it may have in hand, and handles them all in order', async () => {
    const stream = orderOn(store(), 1);
    await sayMuch(store(), stream, 120);
    const group = `group-${++groups}`;
    const log = store().keys.log(1);
    await store().redis.xgroup('CREATE', log, group, '0');
    await store().redis.xreadgroup('GROUP', group, 'dead', 'COUNT', 10_000, 'STREAMS', log, '>');
    let decoded = 0;
    const { registry } = store();
    const decode: typeof registry.decode = (stored) => {
      if (stored.stream === stream) decoded += 1;
      return registry.decode(stored);
    };
    const go = Promise.withResolvers<void>();
    const versions: number[] = [];
    const elsewhere = orderOn(store(), 2);
    const seen: string[] = [];
    const consumer = createEventConsumer({
      onError: () => undefined,
      store: { ...store(), registry: { ...registry, decode } },
      group,
      instance: 'heir',
      handler: {
        handle: async (event) => {
          if (event.stream === elsewhere) seen.push(textOf(event));
          if (event.stream !== stream) return;
          await go.promise;
          versions.push(event.version);
        },
      },
    });
    running.push(consumer);
    consumer.start();
    try {
      await eventually(() => expect(decoded).toBeGreaterThan(20));
      // that is time enough to take over the rest
      for (let i = 0; i < 50; i += 1) {
        await say(store(), elsewhere, `${i}`);
        await eventually(() => expect(seen).toContain(`${i}`));
      }
      expect(decoded).toBeLessThan(60);
    } finally {
      go.resolve();
    }
    await drained(consumer);
    expect(versions).toEqual(Array.from({ length: 120 }, (_, i) => i + 1));
  });

  it('hears of a new event at once', async () => {
    const seen: string[] = [];
    const consumer = consume(async (event) => void seen.push(textOf(event)));
    await drained(consumer);
    const stream = newOrder();
    await say(store(), stream, 'now');
    await eventually(() => expect(seen).toContain('now'), { timeoutMs: 1_000 });
  });

  it('goes on with other streams while one is slow', async () => {
    const [slow, fast] = [orderOn(store(), 0), orderOn(store(), 0)];
    const { promise, resolve } = Promise.withResolvers<void>();
    const seen: string[] = [];
    consume(async (event) => {
      if (textOf(event) === 'slow') await promise;
      seen.push(textOf(event));
    });
    await say(store(), slow, 'slow');
    await say(store(), fast, 'fast');
    await eventually(() => expect(seen).toContain('fast'));
    await say(store(), fast, 'faster');
    await eventually(() => expect(seen).toContain('faster'));
    expect(seen).not.toContain('slow');
    resolve();
    await eventually(() => expect(seen).toContain('slow'));
  });

  it('parks a poison event and what follows on its stream; all other streams go on', async () => {
    const [bad, good] = [orderOn(store(), 1), orderOn(store(), 1)];
    const seen: string[] = [];
    let attempts = 0;
    const consumer = consume(async (event) => {
      if (textOf(event) === 'poison') {
        attempts += 1;
        throw new Error('cannot digest this');
      }
      seen.push(`${event.stream} ${textOf(event)}`);
    });
    const [first, poison, behind] = await say(store(), bad, 'a', 'poison', 'b');
    await say(store(), good, 'c');
    await drained(consumer);
    expect(attempts).toBe(3);
    expect(seen).toContain(`${good} c`);
    const letters = (await consumer.admin.deadLetters({ limit: 10 })).letters.filter(
      ({ stream }) => stream === bad,
    );
    expect(letters).toMatchObject([
      {
        eventId: poison,
        cause: 'poison',
        error: 'Error: cannot digest this',
        attempts: 3,
        event: { version: 2 },
      },
      { eventId: behind, cause: 'blocked', error: null, attempts: 0, event: { version: 3 } },
    ]);
    expect(seen.filter((line) => line.startsWith(bad))).toEqual([`${bad} a`]);
    expect(first).toBeDefined();
  });

  it('retries parked events in order, before the stream’s next ones', async () => {
    const stream = newOrder();
    const seen: string[] = [];
    let broken = true;
    const consumer = consume(async (event) => {
      if (event.stream !== stream) return;
      if (broken && textOf(event) === 'poison') throw new Error('broken');
      seen.push(textOf(event));
    });
    await say(store(), stream, 'poison', 'b');
    await drained(consumer);
    expect(await consumer.admin.requestRetry(stream)).toBe(true);
    await eventually(async () => {
      const [letter] = (await consumer.admin.deadLetters({ limit: 1 })).letters;
      expect(letter).toMatchObject({ attempts: 4 });
    });
    broken = false;
    await say(store(), stream, 'c');
    expect(await consumer.admin.requestRetry(stream)).toBe(true);
    await eventually(() => expect(seen).toEqual(['poison', 'b', 'c']));
    await eventually(async () =>
      expect((await consumer.admin.deadLetters({ limit: 1 })).letters).toEqual([]),
    );
    expect(await consumer.admin.requestRetry(stream)).toBe(false);
    await say(store(), stream, 'd');
    await eventually(() => expect(seen).toEqual(['poison', 'b', 'c', 'd']));
  });

  it('discards a parked event, and its stream goes on after a retry', async () => {
    const stream = newOrder();
    const seen: string[] = [];
    const consumer = consume(async (event) => {
      if (event.stream !== stream) return;
      if (textOf(event) === 'poison') throw new Error('broken');
      seen.push(textOf(event));
    });
    const [poison = ''] = await say(store(), stream, 'poison', 'b');
    await drained(consumer);
    expect(await consumer.admin.requestDiscard(stream, '0-1-1', 'not parked')).toBe(false);
    expect(await consumer.admin.requestDiscard(stream, poison, 'known bug')).toBe(true);
    await eventually(async () =>
      expect((await consumer.admin.deadLetters({ limit: 10 })).letters).toHaveLength(1),
    );
    await consumer.admin.requestRetry(stream);
    await eventually(() => expect(seen).toEqual(['b']));
  });

  it('repeats a transient failure until it passes, visibly, and parks nothing', async () => {
    const stream = orderOn(store(), 2);
    let failures = 8;
    const seen: string[] = [];
    const consumer = consume(
      async (event) => {
        if (event.stream !== stream) return;
        if (failures > 0) {
          failures -= 1;
          throw new TransientError('the server is away');
        }
        seen.push(textOf(event));
      },
      { retryCapMs: 100 },
    );
    await say(store(), stream, 'a', 'b');
    await eventually(async () => {
      const { partitions } = await consumer.admin.status();
      expect(partitions[2]).toMatchObject({
        state: 'retrying',
        reason: 'TransientError: the server is away',
      });
    });
    await eventually(() => expect(seen).toEqual(['a', 'b']));
    expect((await consumer.admin.deadLetters({ limit: 1 })).letters).toEqual([]);
  });

  it('convicts nobody for orderly stops during an outage', async () => {
    const stream = newOrder();
    const group = 'often-restarted';
    let away = true;
    const seen: string[] = [];
    const handle = async (event: EventEnvelope): Promise<void> => {
      if (event.stream !== stream) return;
      if (away) throw new TransientError('the server is away');
      seen.push(textOf(event));
    };
    await say(store(), stream, 'a');
    for (let restart = 0; restart < 5; restart += 1) {
      const consumer = consume(handle, {}, group);
      await eventually(async () => expect((await consumer.admin.status()).totals.retried).toBeGreaterThan(0));
      await consumer.stop();
      running.splice(0);
    }
    away = false;
    const consumer = consume(handle, {}, group);
    await eventually(() => expect(seen).toEqual(['a']));
    expect((await consumer.admin.deadLetters({ limit: 1 })).letters).toEqual([]);
  });

  it('takes many streams failing together for an outage, and parks nothing', async () => {
    const streams = Array.from({ length: 10 }, () => orderOn(store(), 3));
    let away = true;
    const seen = new Set<string>();
    const consumer = consume(
      async (event) => {
        if (away) throw new Error('looks like poison');
        seen.add(event.stream);
      },
      { maxAttempts: 1, systemicStreams: 3, retryCapMs: 50, deferMs: 50 },
    );
    for (const stream of streams) await say(store(), stream, 'x');
    await eventually(async () => expect((await consumer.admin.status()).totals.retried).toBeGreaterThan(20));
    const poisoned = async (): Promise<number> =>
      (await consumer.admin.deadLetters({ limit: 500 })).letters.filter(({ cause }) => cause === 'poison')
        .length;
    const parked = await poisoned();
    // the first two of a partition look like poison, since nobody can know better yet
    expect(parked).toBeLessThanOrEqual(2 * store().partitions);
    away = false;
    await drained(consumer);
    // those that were deferred by then are tried again a little later
    await eventually(() =>
      expect(streams.filter((stream) => seen.has(stream)).length).toBeGreaterThanOrEqual(streams.length - 2),
    );
    expect(await poisoned()).toBe(parked);
  });

  it('parks what its handler calls poison at once, however many streams in a row', async () => {
    const streams = Array.from({ length: 12 }, () => orderOn(store(), 3));
    const last = orderOn(store(), 3);
    const seen: string[] = [];
    const consumer = consume(async (event) => {
      if (streams.includes(event.stream)) throw new PoisonError('no such mailbox');
      seen.push(event.stream);
    });
    for (const stream of [...streams, last]) await say(store(), stream, 'x');
    await eventually(() => expect(seen).toContain(last));
    await eventually(async () => {
      const letters = (await consumer.admin.deadLetters({ limit: 100 })).letters;
      expect(letters.map(({ stream, attempts }) => [stream, attempts])).toEqual(
        [...streams].sort().map((stream) => [stream, 1]),
      );
    });
  });

  it('tells of dead letters page by page, also behind one that is gone by then', async () => {
    const streams = [0, 0, 2, 3].map((partition) => orderOn(store(), partition));
    const consumer = consume(async (event) => {
      if (streams.includes(event.stream)) throw new PoisonError('no such mailbox');
    });
    for (const stream of streams) await say(store(), stream, 'x', 'y', 'z');
    const all = await eventually(async () => {
      const { letters } = await consumer.admin.deadLetters({ limit: 100 });
      expect(letters).toHaveLength(12);
      return letters;
    });
    for (const limit of [1, 3, 5, 12]) {
      const pages = await pagesOf(consumer, limit);
      expect(pages.flat()).toEqual(all);
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    }
    const [first, second, third] = all;
    if (first === undefined || second === undefined) throw new Error('nothing is parked');
    await consumer.admin.requestDiscard(second.stream, second.eventId, 'a test');
    const nextTo = (letter: DeadLetter) => consumer.admin.deadLetters({ limit: 1, after: letter });
    await eventually(async () => expect((await nextTo(first)).letters).toEqual([third]));
    expect(await nextTo(second)).toMatchObject({ letters: [third], isEnd: false });
  });

  it('tells of fewer dead letters at a time where they are large', async () => {
    const stream = orderOn(store(), 1);
    const ids = await sayMuch(store(), stream, 30);
    const consumer = createEventConsumer({
      store: store(),
      group: `group-${++groups}`,
      instance: 'one',
      handler: {
        handle: async (event) => {
          if (event.stream === stream) throw new PoisonError('too much');
        },
      },
    });
    running.push(consumer);
    consumer.start();
    await drained(consumer);
    const pages = await pagesOf(consumer, 100);
    expect(pages.flat().map(({ eventId }) => eventId)).toEqual(ids);
    expect(pages.map((page) => page.length)).toEqual([16, 14]);
  });

  it('acknowledges nothing that is not done when it stops, and its successor does it', async () => {
    const group = 'handed-over';
    // of one partition, so that there is more to hand over than a page
    const streams = Array.from({ length: 30 }, () => orderOn(store(), 1));
    for (const stream of streams) await say(store(), stream, 'x', 'y');
    const seen = new Map<string, string[]>();
    const note = async (event: EventEnvelope): Promise<void> => {
      await sleep(2);
      seen.set(event.stream, [...(seen.get(event.stream) ?? []), textOf(event)]);
    };
    const first = consume(note, { concurrency: 2 }, group);
    await eventually(() => expect(seen.size).toBeGreaterThan(3));
    await first.stop();
    running.splice(0);
    const before = [...seen.values()].flat().length;
    const second = consume(note, {}, group);
    await drained(second);
    expect(before).toBeGreaterThan(0);
    for (const stream of streams) expect(seen.get(stream)).toEqual(['x', 'y']);
  });

  it('pauses, visibly, when too many streams are blocked, and goes on when there is room', async () => {
    const [one, two] = [orderOn(store(), 0), orderOn(store(), 0)];
    let broken = true;
    const seen: string[] = [];
    const consumer = consume(
      async (event) => {
        if (event.stream !== one && event.stream !== two) return;
        if (broken) throw new Error('broken');
        seen.push(event.stream);
      },
      { maxBlockedStreams: 1, maxAttempts: 1 },
    );
    await say(store(), one, 'x');
    await say(store(), two, 'x');
    await eventually(async () => {
      expect((await consumer.admin.status()).partitions[0]).toMatchObject({
        state: 'paused',
        blockedStreams: 1,
      });
    });
    broken = false;
    const [letter] = (await consumer.admin.deadLetters({ limit: 1 })).letters;
    const [first = '', second = ''] = letter?.stream === one ? [one, two] : [two, one];
    await consumer.admin.requestRetry(first);
    // there is room now for the one that waited
    await eventually(async () => {
      expect((await consumer.admin.deadLetters({ limit: 2 })).letters).toMatchObject([{ stream: second }]);
    });
    await consumer.admin.requestRetry(second);
    await eventually(() => expect(seen).toEqual([first, second]));
    await drained(consumer);
  });
});
