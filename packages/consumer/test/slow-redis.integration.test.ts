import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { openEventStore } from '@headrace/event-store';
import { eventually, tcpProxy, useRedis } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { createEventConsumer } from '../src/index.ts';
import { orderRegistry } from './support/order-registry.ts';

const { url, prefix } = useRedis();
const LEASE_MS = 8_000;
/** A question goes through at the end of one, and its answer at the end of the next. */
const WAIT_MS = 1_300;
const PARTITIONS = 2;

it('leases are kept where every answer of Redis takes long, and a renewal and all that is asked beside it even longer than a lease', async () => {
  const proxy = await tcpProxy({ target: url });
  const store = await openEventStore({
    redisUrl: proxy.url,
    prefix,
    partitions: PARTITIONS,
    registry: orderRegistry,
  });
  const consumer = createEventConsumer({
    onError: () => undefined,
    store,
    group: 'patient',
    instance: 'one',
    leaseMs: LEASE_MS,
    handler: { handle: async () => undefined },
  });
  consumer.start();
  try {
    await eventually(async () => expect((await consumer.admin.status()).partitions).toHaveLength(PARTITIONS));
    const { leaseChanges } = (await consumer.admin.status()).totals;
    for (const end = performance.now() + 3 * LEASE_MS; performance.now() < end; ) {
      proxy.stall();
      await sleep(WAIT_MS);
      proxy.resume();
      // as long as it takes to pass on what has come, and no answer to it
      await setImmediate();
    }
    expect((await consumer.admin.status()).totals.leaseChanges).toBe(leaseChanges);
  } finally {
    proxy.resume();
    await consumer.stop();
    await store.close();
    await proxy.close();
  }
}, 60_000);
