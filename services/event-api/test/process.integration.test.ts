import { openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, tcpProxy, useRedis } from '@headrace/test-kit';
import { expect, it, onTestFinished } from 'vitest';
import { exitOf, ready, spawnEventApi, urlOf } from './event-api-process.ts';

const { url: redisUrl, prefix } = useRedis();

it('waits for Redis, executes commands now and later, and stops in order', async () => {
  const proxy = await tcpProxy({ target: redisUrl });
  onTestFinished(() => proxy.close());
  await proxy.down();
  const started = spawnEventApi({ REDIS_URL: proxy.url, KEY_PREFIX: prefix });
  const base = await urlOf(started);
  expect((await fetch(`${base}/health/ready`)).status).toBe(503);
  await proxy.up();
  await ready(started);

  const post = (body: object, headers: object = {}) =>
    fetch(`${base}/api/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const open = { commandType: 'OpenAccount', commandData: { accountId: 'p', owner: 'Ada' } };
  expect((await post(open)).status).toBe(201);
  const deposit = { commandType: 'Deposit', commandData: { accountId: 'p', amount: 5 } };
  const queued = await post(deposit, { prefer: 'respond-async' });
  expect(queued.status).toBe(202);
  const store = await openEventStore({ redisUrl, prefix, registry: shopRegistry });
  onTestFinished(() => store.close());
  await eventually(async () => (await store.streamVersion('account:p')) === 2, { timeoutMs: 20_000 });
  const status = await fetch(`${base}${queued.headers.get('location')}`);
  expect(await status.json()).toMatchObject({ success: true, data: { commandType: 'Deposit' } });
  expect(await (await fetch(`${base}/metrics`)).text()).toContain('commands:account');

  started.child.kill('SIGTERM');
  expect(await exitOf(started)).toBe(0);
});

it('names every wrong setting and exits', async () => {
  const started = spawnEventApi({ LOG_PARTITIONS: 'many', UNREGISTERED_TYPES: 'perhaps' });
  expect(await exitOf(started)).toBe(1);
  for (const variable of ['LOG_PARTITIONS', 'UNREGISTERED_TYPES'])
    expect(started.output.text).toContain(variable);
});
