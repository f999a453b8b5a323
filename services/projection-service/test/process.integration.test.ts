import { once } from 'node:events';
import { openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, type TcpProxy, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { generatedOrder } from './generated-orders.ts';
import { appendOrder } from './running-service.ts';
import { startProcess } from './service-process.ts';

const redis = useRedis();
const postgres = usePostgres();
const proxies: TcpProxy[] = [];

afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function proxyTo(target: string): Promise<TcpProxy> {
  const proxy = await tcpProxy({ target });
  proxies.push(proxy);
  return proxy;
}

const statusOf = async (url: string) => (await fetch(url)).status;

describe('the process', () => {
  it('waits for its servers, projects, and stops in order', async () => {
    const [redisProxy, postgresProxy] = [await proxyTo(redis.url), await proxyTo(postgres.url)];
    const { url: REDIS_URL } = redisProxy;
    const { url: DATABASE_URL } = postgresProxy;
    await Promise.all([redisProxy.down(), postgresProxy.down()]);
    const settings = { REDIS_URL, DATABASE_URL, DATABASE_SCHEMA: postgres.schema, KEY_PREFIX: redis.prefix };
    const { child, url } = await startProcess(settings);
    expect(await statusOf(`${url}/health/live`)).toBe(200);
    expect(await statusOf(`${url}/health/ready`)).toBe(503);

    // the read models' tables come without Redis
    await postgresProxy.up();
    await eventually(async () => expect(await statusOf(`${url}/api/queries/orders`)).toBe(200));
    await redisProxy.up();
    await eventually(async () => expect(await statusOf(`${url}/health/ready`)).toBe(200));

    const store = await openEventStore({
      redisUrl: redis.url,
      registry: shopRegistry,
      prefix: redis.prefix,
      partitions: 4,
      durability: 'memory',
    });
    const order = generatedOrder(5);
    const last = (await appendOrder(store, order)).at(-1);
    await store.close();
    const query = `${url}/api/queries/orders?orderId=${order.orderId}&wait_for=${last}&timeout_ms=20000`;
    expect(await (await fetch(query)).json()).toMatchObject({ data: { version: order.events.length } });

    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
