import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { headraceRegistry } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';
import { eventually, type TcpProxy, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { generatedOrder } from './generated-orders.ts';
import { appendOrder } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
const MAIN = new URL('../src/main.ts', import.meta.url).pathname;
const proxies: TcpProxy[] = [];
const processes: ChildProcess[] = [];

afterEach(async () => {
  for (const process of processes.splice(0)) process.kill('SIGKILL');
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function proxyTo(target: string): Promise<TcpProxy> {
  const proxy = await tcpProxy({ target });
  proxies.push(proxy);
  return proxy;
}

/** Starts `main.ts` as its own process, and finds its URL in its log. */
async function startProcess(env: Readonly<Record<string, string>>) {
  const settings = { HOST: '127.0.0.1', PORT: '0', LOG_PARTITIONS: '4', DURABILITY: 'memory', ...env };
  const child = spawn(process.execPath, ['--conditions=@headrace/source', MAIN], {
    env: settings,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(child);
  const url = await urlInLog(child.stdout);
  // nobody reads on, and a full pipe would stop the process
  child.stdout.resume();
  return { child, url };
}

async function urlInLog(log: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    const url = /listening on (http:\/\/[^"\s]+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the process ended before it listened');
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
      registry: headraceRegistry,
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
