import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, openEventStore } from '@headrace/event-store';
import { eventually, type OwnServer, startOwnRedis, type TcpProxy, tcpProxy } from '@headrace/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Consumer, createEventConsumer } from '../src/index.ts';
import { orderRegistry } from './support/order-registry.ts';
import { say, textOf } from './support/orders.ts';

/** A read blocks for 2 s and is given up 3 s later; by then ioredis alone would not have noticed anything. */
const REPLACED_WITHIN_MS = 6_500;
/** Much less than the 2 s after which an owner looks by itself. */
const AT_ONCE_MS = 1_200;
const ROUNDS = 4;

let redis: OwnServer;
let proxy: TcpProxy;
/** Past the proxy. */
let direct: EventStore;
let store: EventStore;
let consumer: Consumer;
let seen: string[];
let next = 0;

const open = (redisUrl: string): Promise<EventStore> =>
  openEventStore({ redisUrl, registry: orderRegistry, partitions: 2 });

beforeAll(async () => {
  redis = await startOwnRedis();
  proxy = await tcpProxy({ target: redis.url });
  direct = await open(redis.url);
});
afterAll(async () => {
  await direct.close();
  await proxy.close();
  await redis.close();
});
beforeEach(async () => {
  seen = [];
  store = await open(proxy.url);
  consumer = createEventConsumer({
    onError: () => undefined,
    store,
    group: `group-${++next}`,
    instance: 'one',
    leaseMs: 1_000,
    policy: { retryBaseMs: 10, retryCapMs: 100 },
    handler: { handle: async (event) => void seen.push(textOf(event)) },
  });
  consumer.start();
});
afterEach(async () => {
  await consumer.stop();
  await store.close();
});

/** Says something on every partition, and waits until all of it is handled. */
async function isHeard(timeoutMs: number): Promise<void> {
  const texts = ['a', 'b'].map((stream) => `${stream}${++next}`);
  for (const text of texts) await say(direct, `order:${text.at(0)}`, text);
  const what = 'what was said to be handled';
  await eventually(() => expect(seen).toEqual(expect.arrayContaining(texts)), { timeoutMs, what });
}

/** Ids of the connections that are in a blocking read, as Redis sees them. */
async function readers(): Promise<readonly string[]> {
  const clients = String(await direct.redis.client('LIST')).split('\n');
  return clients.flatMap((line) => (line.includes('cmd=xread ') ? [/^id=(\d+)/.exec(line)?.[1] ?? ''] : []));
}

async function theReader(): Promise<string> {
  const [reader] = await eventually(async () => {
    const found = await readers();
    return found.length === 1 && found;
  });
  return reader ?? '';
}

/** Waits until the hung reader is gone, and another one is there. */
async function isReplaced(hung: string): Promise<void> {
  const check = async (): Promise<void> => {
    const found = await readers();
    expect(found).toHaveLength(1);
    expect(found).not.toContain(hung);
  };
  await eventually(check, { timeoutMs: REPLACED_WITHIN_MS, what: 'another reader' });
}

const isBlockingRead = (request: Buffer): boolean => /xread\r\n.*block/is.test(request.toString('latin1'));

describe('a blocking read that never comes back', () => {
  it('is given up for a new connection, and events are heard of meanwhile, and at once afterwards', async () => {
    await isHeard(10_000);
    const hung = await theReader();
    proxy.swallowReplies(isBlockingRead);
    // ends the read that is under way; the next one is swallowed
    await isHeard(3_000);
    const replaced = isReplaced(hung);
    await isHeard(3_000);
    await replaced;
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(50);
      await isHeard(AT_ONCE_MS);
    }
  });
});

describe('a blocking read whose Redis is killed', () => {
  it('does not hang when Redis is back, however often', async () => {
    await isHeard(10_000);
    for (let round = 0; round < ROUNDS; round += 1) {
      await theReader();
      await redis.kill();
      await sleep(round * 300);
      await redis.restart();
      await eventually(() => direct.check());
      await isHeard(8_000);
      await isHeard(AT_ONCE_MS);
    }
  }, 60_000);

  it('is given up also when the connection that it came back on is half-open', async () => {
    await isHeard(10_000);
    for (let round = 0; round < 2; round += 1) {
      await theReader();
      await redis.kill();
      // the first read after the reconnect
      proxy.swallowReplies(isBlockingRead);
      await redis.restart();
      await eventually(() => direct.check());
      // named before anything takes long: the next one is not replaced
      const halfOpen = await theReader();
      await isHeard(8_000);
      await isReplaced(halfOpen);
      await isHeard(AT_ONCE_MS);
    }
  }, 60_000);

  it('leaves nothing that keeps a consumer from stopping', async () => {
    await isHeard(10_000);
    await redis.kill();
    const stopping = consumer.stop();
    const timedOut = sleep(8_000, 'hangs');
    expect(await Promise.race([stopping, timedOut])).toBe(undefined);
    await redis.restart();
    await eventually(() => direct.check());
  });
});
