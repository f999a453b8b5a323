import { eventually, type TcpProxy, tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { generatedOrder } from './generated-orders.ts';
import { appendOrder, caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
const order = generatedOrder(7);
let redisProxy: TcpProxy;
let postgresProxy: TcpProxy;
let service: RunningService;
let eventId = '';

beforeAll(async () => {
  redisProxy = await tcpProxy({ target: redis.url });
  postgresProxy = await tcpProxy({ target: postgres.url });
  service = await runProjectionService({
    redisUrl: redisProxy.url,
    prefix: redis.prefix,
    postgresUrl: postgresProxy.url,
    schema: postgres.schema,
  });
  eventId = (await appendOrder(service.store, order)).at(-1) ?? '';
  await caughtUp(service);
});
afterEach(async () => {
  await redisProxy.up();
  await postgresProxy.up();
  await eventually(async () => expect((await service.get('/health/ready')).status).toBe(200));
});
afterAll(async () => {
  await service.stop();
  await redisProxy.close();
  await postgresProxy.close();
});

const READ_MODEL = `/api/queries/orders?orderId=${order.orderId}`;
const LOG = `${READ_MODEL}&source=event_store`;

async function expectUnavailable(path: string): Promise<void> {
  const { status, headers } = await service.get(path);
  expect(status, path).toBe(503);
  expect(Number(headers['retry-after']), path).toBeGreaterThan(0);
}

describe('without PostgreSQL', () => {
  it('folds an order from the log, and says what it cannot answer', async () => {
    await postgresProxy.down();
    expect(await service.get(LOG)).toMatchObject({ status: 200, body: { data: { orderId: order.orderId } } });
    for (const path of [
      READ_MODEL,
      `${READ_MODEL}&wait_for=${eventId}`,
      '/api/queries/daily-summary',
      '/api/queries/audit',
      '/api/projections',
      `/api/events/${eventId}/status`,
      '/health/ready',
    ]) {
      await (path === '/health/ready'
        ? expect(service.get(path)).resolves.toMatchObject({ status: 503 })
        : expectUnavailable(path));
    }
    // it might be a declared one: only the database can tell
    await expectUnavailable('/api/queries/invoices');
  });

  it('goes on by itself, and has missed nothing', async () => {
    await postgresProxy.down();
    const meanwhile = generatedOrder(8);
    const last = (await appendOrder(service.store, meanwhile)).at(-1);
    await postgresProxy.up();
    await eventually(async () => {
      const found = await service.get(`/api/queries/orders?orderId=${meanwhile.orderId}&wait_for=${last}`);
      expect(found).toMatchObject({ status: 200, body: { data: { version: meanwhile.events.length } } });
    });
  });
});

describe('without Redis', () => {
  it('answers from the read models, and says what it cannot answer', async () => {
    await redisProxy.down();
    for (const path of [
      READ_MODEL,
      `${READ_MODEL}&wait_for=${eventId}`,
      '/api/queries/orders?limit=1',
      '/api/queries/daily-summary',
      '/api/queries/audit',
    ]) {
      expect((await service.get(path)).status, path).toBe(200);
    }
    const { status, body } = await service.get<{ data: readonly Record<string, unknown>[] }>(
      '/api/projections',
    );
    expect(status).toBe(200);
    expect(body.data[0]).toMatchObject({ id: 'orders', lag: null });
    await expectUnavailable(LOG);
    await expectUnavailable(`/api/events/${eventId}/status`);
  });

  it('waits no longer than asked, with a lag that nobody knows', async () => {
    await redisProxy.down();
    const never = `${eventId.split('-')[0]}-9999999999999-0`;
    const { status, body } = await service.get(`${READ_MODEL}&wait_for=${never}&timeout_ms=50`);
    expect(status).toBe(504);
    expect(body).toMatchObject({ lag: { events: null, position: expect.any(String) } });
  });
});
