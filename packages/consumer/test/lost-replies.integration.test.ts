import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStore } from '@headrace/event-store';
import { eventually, startOwnRedis, tcpProxy } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { createEventConsumer, TransientError } from '../src/index.ts';
import { orderRegistry } from './support/order-registry.ts';
import { say, textOf, useStore } from './support/orders.ts';

const { store, url, prefix } = useStore(1);

describe('a consumer whose connection to Redis fails', () => {
  it('never handles two events of one stream at once, nor goes back, whichever reply is lost', async () => {
    const proxy = await tcpProxy({ target: url });
    const mine = await openEventStore({
      redisUrl: proxy.url,
      prefix,
      partitions: 1,
      registry: orderRegistry,
      durability: 'memory',
    });
    const busy = new Set<string>();
    const begun: string[] = [];
    const seen: string[] = [];
    const violations: string[] = [];
    const consumer = createEventConsumer({
      onError: () => undefined,
      store: mine,
      group: 'overlap',
      instance: 'one',
      leaseMs: 3_000,
      policy: { retryBaseMs: 5 },
      handler: {
        handle: async (event) => {
          if (busy.has(event.stream)) violations.push(`${event.stream} is handled twice at once`);
          busy.add(event.stream);
          begun.push(textOf(event));
          await sleep(100);
          busy.delete(event.stream);
          seen.push(textOf(event));
        },
      },
    });
    consumer.start();
    try {
      const isFetch = (request: Buffer): boolean => /evalsha.*:log/is.test(request.toString('latin1'));
      for (let round = 0; round < 5; round += 1) {
        await say(store(), 'order:one', `${round}a`, `${round}b`, `${round}c`);
        await eventually(() => expect(begun).toContain(`${round}a`), { intervalMs: 2 });
        // while it is in hand, the fetch that another stream's event leads to fails
        proxy.dropReplies(isFetch, 1);
        await say(store(), 'order:two', `${round}x`);
        await eventually(() => expect(seen).toEqual(expect.arrayContaining([`${round}c`, `${round}x`])));
      }
      expect(proxy.droppedReplies).toBe(5);
      expect(violations).toEqual([]);
      // repeats are allowed, but only of what was in hand: the first sight of each is in order
      const ofOne = begun.filter((text) => !text.endsWith('x'));
      const firsts = ofOne.filter((text, i) => ofOne.indexOf(text) === i);
      expect(firsts).toEqual([...firsts].sort());
    } finally {
      await consumer.stop();
      await mine.close();
      await proxy.close();
    }
  });

  it('convicts nobody when Redis goes away longer than a lease, however often', async () => {
    const redis = await startOwnRedis();
    const own = await openEventStore({ redisUrl: redis.url, registry: orderRegistry, partitions: 1 });
    let mended = false;
    let calls = 0;
    const consumer = createEventConsumer({
      onError: () => undefined,
      store: own,
      group: 'patient',
      instance: 'one',
      leaseMs: 500,
      policy: { retryBaseMs: 10, retryCapMs: 50 },
      handler: {
        handle: async () => {
          calls += 1;
          if (!mended) throw new TransientError('the mail server is away');
        },
      },
    });
    consumer.start();
    try {
      await say(own, 'order:one', 'a');
      for (let outage = 0; outage < 5; outage += 1) {
        const before = calls;
        await eventually(() => expect(calls).toBeGreaterThan(before));
        await redis.kill();
        await eventually(async () => {
          // the lease is lost by now, by the owner's own clock
          const settled = calls;
          await sleep(200);
          expect(calls).toBe(settled);
        });
        await redis.restart();
      }
      mended = true;
      await eventually(async () => expect((await consumer.admin.status()).totals.handled).toBe(1));
      expect((await consumer.admin.deadLetters({ limit: 5 })).letters).toEqual([]);
    } finally {
      await consumer.stop();
      await own.close();
      await redis.close();
    }
  });
});
