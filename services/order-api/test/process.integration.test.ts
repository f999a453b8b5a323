import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, tcpProxy, useRedis } from '@headrace/test-kit';
import { expect, it, onTestFinished } from 'vitest';
import { MACBOOK, PAYMENT } from './order-api.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const { url: redisUrl, prefix } = useRedis();

function startProcess(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--conditions=@headrace/source', main], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output.text += chunk;
    });
  }
  return { child, output };
}

const urlIn = (output: { text: string }) =>
  eventually(() => /listening on (http:\/\/[\d.:]+)/.exec(output.text)?.[1] ?? false);

async function exitOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function post(url: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as { readonly orderId: string } };
}

it('waits for Redis, takes orders, executes commands, and stops in order', async () => {
  const proxy = await tcpProxy({ target: redisUrl });
  onTestFinished(() => proxy.close());
  await proxy.down();
  const { child, output } = startProcess({ REDIS_URL: proxy.url, KEY_PREFIX: prefix });
  const base = await urlIn(output);
  expect((await fetch(`${base}/health/ready`)).status).toBe(503);
  await proxy.up();
  await eventually(async () => (await fetch(`${base}/health/ready`)).ok, { timeoutMs: 20_000 });

  const placed = await post(`${base}/orders`, MACBOOK);
  expect(placed).toMatchObject({ status: 201, json: { status: 'placed', version: 1 } });
  const { orderId } = placed.json;
  await post(`${base}/orders/${orderId}/payment`, PAYMENT);

  const store = await openEventStore({ redisUrl, prefix, registry: shopRegistry });
  onTestFinished(() => store.close());
  const { commandId } = await store.sendCommand({
    type: 'RefundOrder',
    category: 'order',
    stream: `order:${orderId}`,
    data: { orderId, amount: 'remaining', reason: 'broken' },
  });
  const status = () => store.commandStatus(commandId);
  await eventually(async () => expect(await status()).toMatchObject({ status: 'completed' }), {
    timeoutMs: 20_000,
  });

  child.kill('SIGTERM');
  expect(await exitOf(child)).toBe(0);
});

it('killed between the claim of a key and the order, leaves the key to the same request and to no other', async () => {
  const proxy = await tcpProxy({ target: redisUrl });
  onTestFinished(() => proxy.close());
  const store = await openEventStore({ redisUrl, prefix, registry: shopRegistry });
  onTestFinished(() => store.close());
  const start = async (url: string) => {
    const { child, output } = startProcess({ REDIS_URL: url, KEY_PREFIX: prefix });
    const base = await urlIn(output);
    await eventually(async () => (await fetch(`${base}/health/ready`)).ok, { timeoutMs: 20_000 });
    return { child, base };
  };
  const headers = { 'idempotency-key': 'killed' };
  const { events } = await store.totals();

  const first = await start(proxy.url);
  // Redis has the claim, and the process waits for the answer: here it dies
  proxy.swallowReplies((request) => request.includes(':claim:'));
  const unanswered = post(`${first.base}/orders`, MACBOOK, headers).catch((error: unknown) => error);
  await eventually(async () => (await store.redis.exists(store.keys.claim('killed'))) === 1);
  first.child.kill('SIGKILL');
  expect(await unanswered).toBeInstanceOf(Error);
  expect((await store.totals()).events).toBe(events);

  const second = await start(redisUrl);
  const other = await post(`${second.base}/orders`, { ...MACBOOK, orderId: 'other' }, headers);
  expect(other).toMatchObject({ status: 422, json: { type: '/problems/idempotency-key-reused' } });
  const placed = await post(`${second.base}/orders`, MACBOOK, headers);
  expect(placed).toMatchObject({ status: 201, json: { status: 'placed', version: 1 } });
  expect((await store.totals()).events).toBe(events + 1);
  second.child.kill('SIGTERM');
  expect(await exitOf(second.child)).toBe(0);
});

it('names every wrong setting and exits', async () => {
  const { child, output } = startProcess({ LOG_PARTITIONS: 'many', DURABILITY: 'often' });
  expect(await exitOf(child)).toBe(1);
  for (const variable of ['LOG_PARTITIONS', 'DURABILITY']) expect(output.text).toContain(variable);
});
