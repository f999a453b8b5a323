import { createRegistry } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projections } from '../src/projections/built-in.ts';
import { type GeneratedOrder, generatedOrder } from './generated-orders.ts';
import { holdCheckpoint } from './held-checkpoint.ts';
import { appendOrder, caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
let service: RunningService;

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  service = await runProjectionService({ redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema });
  // every partition has a checkpoint from here on
  await eventually(async () => {
    const { body } = await service.get<{ groups: readonly { partitions: readonly unknown[] }[] }>(
      '/consumer',
    );
    expect(body.groups.map(({ partitions }) => partitions.length)).toEqual(projections.map(() => 4));
  });
  for (let seed = 0; seed < 8; seed += 1) await appendOrder(service.store, generatedOrder(seed, 3));
  await caughtUp(service);
});
afterAll(() => service.stop());

async function place(order: GeneratedOrder): Promise<string> {
  const positions = await appendOrder(service.store, order);
  const last = positions.at(-1);
  if (last === undefined) throw new Error('the history is empty');
  return last;
}

/** Appends what no contract of the service can read: its version is from the future. */
async function appendUnreadable(stream: string): Promise<string> {
  const older = await openEventStore({
    redisUrl: redis.url,
    registry: createRegistry([]),
    prefix: redis.prefix,
    partitions: 4,
    durability: 'memory',
  });
  try {
    const { positions } = await older.append(stream, [{ type: 'OrderPlaced', schemaVersion: 99, data: {} }]);
    return positions.join();
  } finally {
    await older.close();
  }
}

describe('wait_for', () => {
  it('answers with what was just written, in every query', async () => {
    for (let seed = 100; seed < 110; seed += 1) {
      const order = generatedOrder(seed, 1);
      const eventId = await place(order);
      const found = await service.get<{ data: unknown }>(
        `/api/queries/orders?orderId=${order.orderId}&wait_for=${eventId}`,
      );
      expect(found).toMatchObject({ status: 200, body: { data: { orderId: order.orderId, version: 1 } } });
      const audit = await service.get(`/api/queries/audit?stream=${order.stream}&wait_for=${eventId}`);
      expect(audit.body).toMatchObject({ data: [{ eventId }] });
      expect((await service.get(`/api/queries/daily-summary?wait_for=${eventId}`)).status).toBe(200);
    }
  });

  it('gives up in time, tells the lag, and is met once the projection goes on', async () => {
    const order = generatedOrder(200, 4);
    const partition = service.store.keys.partitionOf(order.stream);
    const held = await holdCheckpoint(postgres, 'projection:orders:v2', partition);
    const eventId = await place(order);
    const query = `/api/queries/orders?orderId=${order.orderId}&wait_for=${eventId}`;
    try {
      const startedAt = performance.now();
      const { status, body } = await service.get(`${query}&timeout_ms=150`);
      expect(performance.now() - startedAt).toBeGreaterThan(149);
      expect(status).toBe(504);
      expect(body).toMatchObject({
        type: '/problems/not-materialised',
        eventId,
        projection: 'orders',
        lag: { partition, events: order.events.length },
      });
      const pending = await service.get(`/api/events/${eventId}/status`);
      expect(pending.body).toMatchObject({
        eventId,
        materialized: false,
        projections: { orders: 'pending' },
      });
      const fromLog = await service.get(`${query}&source=event_store`);
      expect(fromLog).toMatchObject({ status: 200, body: { data: { version: order.events.length } } });
    } finally {
      await held.release();
    }
    expect((await service.get(query)).status).toBe(200);
  });

  it('says at once that an event is parked', async () => {
    const { orderId, stream } = generatedOrder(300);
    const eventId = await appendUnreadable(stream);
    const query = `/api/queries/orders?orderId=${orderId}&wait_for=${eventId}`;
    const { status, body } = await service.get(query);
    expect(status).toBe(409);
    expect(body).toMatchObject({ type: '/problems/event-parked', eventId, projection: 'orders' });

    const audited = await service.get(`/api/queries/audit?stream=${stream}&wait_for=${eventId}`);
    expect(audited.body).toMatchObject({ data: [{ eventId, unreadable: 'unknown-version' }] });
    await eventually(async () => {
      expect((await service.get(`/api/events/${eventId}/status`)).body).toMatchObject({
        eventId,
        materialized: false,
        projections: { orders: 'parked', audit_log: 'materialized', daily_summary: 'parked' },
      });
    });
    expect((await service.get('/api/projections/orders')).body).toMatchObject({
      status: 'error',
      parkedEvents: 1,
    });
  });
});

describe('GET /api/events/{eventId}/status', () => {
  it('tells that every projection has an event', async () => {
    const eventId = await place(generatedOrder(400, 2));
    await eventually(async () => {
      expect((await service.get(`/api/events/${eventId}/status`)).body).toEqual({
        eventId,
        materialized: true,
        projections: Object.fromEntries(projections.map(({ name }) => [name, 'materialized'])),
      });
    });
  });

  it.each([
    ['0-1-0', 404],
    ['99-1732150000000-0', 404],
    ['abc', 400],
    ['1732150000000-0', 400],
    ['1-99999999999999999999-0', 400],
  ])('answers %s with %i', async (eventId, status) => {
    expect((await service.get(`/api/events/${eventId}/status`)).status).toBe(status);
  });
});
