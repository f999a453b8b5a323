import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, type OwnServer, startOwnRedis, type TcpProxy, tcpProxy } from '@headrace/test-kit';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Consumer, createEventConsumer } from '../src/index.ts';
import { orderRegistry } from './support/order-registry.ts';
import { say, textOf } from './support/orders.ts';

let primary: OwnServer;
let replica: OwnServer;
/** The address that services know, whichever server has it. */
let address: TcpProxy;
let store: EventStore;
let consumer: Consumer;
let seen: string[];

const open = (redisUrl: string): Promise<EventStore> =>
  openEventStore({ redisUrl, registry: orderRegistry, partitions: 2, connectWaitMs: 300 });

beforeEach(async () => {
  primary = await startOwnRedis();
  replica = await startOwnRedis({ settings: { replicaof: `127.0.0.1 ${primary.port}` } });
  address = await tcpProxy({ target: primary.url });
  store = await open(address.url);
  seen = [];
  consumer = createEventConsumer({
    onError: () => undefined,
    store,
    group: 'all',
    instance: 'one',
    leaseMs: 1_000,
    policy: { retryBaseMs: 10, retryCapMs: 100 },
    handler: { handle: async (event) => void seen.push(textOf(event)) },
  });
  consumer.start();
  await say(store, 'order:a', 'before');
  await eventually(() => expect(seen).toEqual(['before']));
  await onServer(replica, async (redis) => {
    await eventually(async () => expect(await redis.info('replication')).toContain('master_link_status:up'));
    // whatever was said has arrived
    await eventually(async () => expect(await redis.dbsize()).toBe(await store.redis.dbsize()));
  });
});
afterEach(async () => {
  await consumer.stop();
  await store.close();
  await address.close();
  await Promise.all([primary.close(), replica.close()]);
});

async function onServer<T>({ url }: OwnServer, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { protocol: 2 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

async function promote(): Promise<void> {
  await onServer(replica, (redis) => redis.replicaof('NO', 'ONE'));
  address.lead(replica.url);
}

describe('a fail-over to the replica', () => {
  it('after the primary died is followed by appends and consumers', async () => {
    await promote();
    await primary.kill();
    await eventually(() => say(store, 'order:a', 'after'), { timeoutMs: 15_000 });
    await eventually(() => expect(seen).toEqual(['before', 'after']), { timeoutMs: 15_000 });
  });

  it('that leaves open connections at the old primary, now a replica, is followed by appends and reads', async () => {
    await promote();
    await onServer(primary, (redis) => redis.replicaof('127.0.0.1', replica.port));
    await eventually(() => say(store, 'order:a', 'after'), { timeoutMs: 15_000 });
    await eventually(() => expect(seen).toEqual(['before', 'after']), { timeoutMs: 15_000 });
    expect((await store.redis.role())[0]).toBe('master');
  });

  it('is also followed by a process that never appends', async () => {
    await promote();
    await onServer(primary, (redis) => redis.replicaof('127.0.0.1', replica.port));
    const other = await open(replica.url);
    try {
      await say(other, 'order:a', 'after');
    } finally {
      await other.close();
    }
    await eventually(() => expect(seen).toEqual(['before', 'after']), { timeoutMs: 15_000 });
    await eventually(async () => expect((await store.redis.role())[0]).toBe('master'));
  });
});
