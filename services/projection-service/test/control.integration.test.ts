import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProjectionStatus } from '../src/progress/projection-status.ts';
import { expectFoldsOfTheLog } from './fold-of-the-log.ts';
import { generatedOrder } from './generated-orders.ts';
import { appendMany } from './order-traffic.ts';
import { appendOrder, caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
const instances: RunningService[] = [];

async function start(instance: string): Promise<RunningService> {
  const { url: postgresUrl, schema } = postgres;
  const options = { redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema, pollMs: 100 };
  const service = await runProjectionService({ ...options, instance });
  instances.push(service);
  return service;
}

let one: RunningService;
beforeAll(async () => {
  one = await start('one');
  await appendMany(one, 200, 1);
  await caughtUp(one);
});
afterAll(() => Promise.all(instances.map((service) => service.stop())));

async function projection(id: string): Promise<ProjectionStatus> {
  return (await one.get<ProjectionStatus>(`/api/projections/${id}`)).body;
}

describe('a paused projection', () => {
  it('stands still in every instance, also in one that starts, until it is resumed', async () => {
    const two = await start('two');
    expect(await two.send('POST', '/api/projections/orders/pause')).toMatchObject({
      status: 202,
      body: { id: 'orders', paused: true },
    });
    expect((await one.send('POST', '/api/projections/orders/pause')).status).toBe(200);
    const three = await start('three');
    for (const service of [one, two, three]) {
      await eventually(async () => {
        const { body } = await service.get<{ groups: { group: string; partitions: unknown[] }[] }>(
          '/consumer',
        );
        const group = body.groups.find((found) => found.group === 'projection:orders:v2');
        expect(group?.partitions).toEqual([]);
      });
    }
    const order = generatedOrder(10_000, 3);
    const last = (await appendOrder(one.store, order)).at(-1);
    expect((await one.get(`/api/queries/audit?wait_for=${last}&timeout_ms=20000`)).status).toBe(200);
    const paused = await projection('orders');
    expect(paused).toMatchObject({ status: 'paused', lag: order.events.length });
    expect((await projection('audit_log')).status).toBe('active');
    const query = `/api/queries/orders?orderId=${order.orderId}`;
    expect((await two.get(`${query}&wait_for=${last}&timeout_ms=100`)).status).toBe(504);
    expect((await two.get('/api/queries/orders?limit=1')).status).toBe(200);
    expect(await two.send('POST', '/api/projections/orders/rebuild')).toMatchObject({
      status: 409,
      body: { type: '/problems/projection-paused' },
    });

    expect(await three.send('POST', '/api/projections/orders/resume')).toMatchObject({ status: 202 });
    expect((await two.get(`${query}&wait_for=${last}&timeout_ms=20000`)).status).toBe(200);
    await eventually(async () => expect((await projection('orders')).status).toBe('active'));
    await expectFoldsOfTheLog(one);
  });
});

describe('a rebuild with a switch by hand', () => {
  it('waits, shows how the versions compare, and switches when asked', async () => {
    const begun = await one.send('POST', '/api/projections/daily_summary/rebuild?switch=manual');
    expect(begun).toMatchObject({ status: 202, body: { version: 2, switch: 'manual' } });
    const again = await one.send('POST', '/api/projections/daily_summary/rebuild');
    expect(again).toMatchObject({ status: 409, body: { type: '/problems/build-in-progress', version: 2 } });
    await eventually(async () => {
      const { versions, status, version } = await projection('daily_summary');
      expect({ status, version }).toEqual({ status: 'rebuilding', version: 1 });
      expect(versions[1]).toMatchObject({ state: 'building', switch: 'manual', lag: 0 });
      expect(versions[1]?.comparison).toMatchObject({ different: 0, differences: [] });
    });
    const none = await one.send('POST', '/api/projections/daily_summary/rollback');
    expect(none).toMatchObject({ status: 409, body: { reason: 'no-previous-version' } });
    const switched = await one.send('POST', '/api/projections/daily_summary/switch');
    expect(switched).toMatchObject({
      status: 200,
      body: { id: 'daily_summary', from: 1, version: 2, comparison: { different: 0 } },
    });
    expect(await projection('daily_summary')).toMatchObject({
      status: 'active',
      version: 2,
      previousVersion: 1,
    });
    const nothing = await one.send('POST', '/api/projections/daily_summary/switch');
    expect(nothing).toMatchObject({ status: 409, body: { reason: 'no-build' } });
  });

  it('is not begun by a body that says how, which nobody would read', async () => {
    const answer = await one.send('POST', '/api/projections/daily_summary/rebuild', { switch: 'manual' });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        detail: 'POST /api/projections/:id/rebuild takes no body; its parameters are in the query: switch.',
        errors: [{ in: 'body', path: 'switch' }],
      },
    });
  });

  it('can be given up', async () => {
    await one.send('POST', '/api/projections/audit_log/rebuild?switch=manual');
    expect((await one.send('DELETE', '/api/projections/audit_log/versions/2')).status).toBe(202);
    await eventually(async () => {
      const { versions, status } = await projection('audit_log');
      expect(status).toBe('active');
      expect(versions.map(({ version }) => version)).toEqual([1]);
    });
    // a number is never given twice
    const next = await one.send('POST', '/api/projections/audit_log/rebuild');
    expect(next).toMatchObject({ body: { version: 3 } });
    await eventually(async () => expect(await projection('audit_log')).toMatchObject({ version: 3 }));
    await expectFoldsOfTheLog(one);
  });
});

describe('what is not there', () => {
  it.each([
    ['POST', '/api/projections/invoices/rebuild'],
    ['POST', '/api/projections/invoices/pause'],
    ['POST', '/api/projections/invoices/resume'],
    ['POST', '/api/projections/invoices/switch'],
    ['POST', '/api/projections/invoices/rollback'],
    ['DELETE', '/api/projections/invoices/versions/1'],
    ['DELETE', '/api/projections/orders/versions/77'],
    ['POST', '/api/projections/orders/switch?version=77'],
  ] as const)('%s %s answers 404', async (method, path) => {
    expect(await one.send(method, path)).toMatchObject({ status: 404, body: { known: expect.anything() } });
  });

  it.each([
    ['POST', '/api/projections/orders/rebuild?switch=later'],
    ['POST', '/api/projections/orders/switch?version=two'],
    ['DELETE', '/api/projections/orders/versions/0'],
  ] as const)('%s %s answers 400', async (method, path) => {
    expect((await one.send(method, path)).status).toBe(400);
  });
});
