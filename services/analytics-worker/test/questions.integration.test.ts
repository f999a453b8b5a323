import { usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningAnalytics, runAnalytics } from './running-analytics.ts';

const redis = useRedis();
const postgres = usePostgres();
let analytics: RunningAnalytics;
beforeAll(async () => {
  analytics = await runAnalytics(redis, postgres);
});
afterAll(() => analytics.stop());

async function place(orderId: string, item: object, occurredAt: string, currency = 'USD'): Promise<void> {
  const amount = { minor: 249_999, currency };
  const items = [{ id: 'laptop', name: 'Laptop', quantity: 1, ...item }];
  const data = { orderId, userId: 'ann', items, amount, paymentTerms: 'prepaid' };
  await analytics.store.append(`order:${orderId}`, [{ type: 'OrderPlaced', data, occurredAt }]);
}

describe('refuses', () => {
  it.each([
    ['summary?from=yesterday', 'from', 'ISO 8601'],
    ['summary?from=2026-02-30', 'from', 'ISO 8601'],
    ['summary?from=2026-01-01T00:00:00', 'from', 'ISO 8601'],
    ['summary?to=9999-06-01', 'to', 'between the years'],
    ['summary?from=2026-01-02&to=2026-01-01', 'to', 'later than'],
    ['summary?from=2026-01-02&to=2026-01-02', 'to', 'later than'],
    ['summary?until=2026-01-02', 'until', 'not a known field'],
    ['timeseries?granularity=week', 'granularity', ''],
    ['timeseries?granularity=hour&from=2025-12-01&to=2026-01-02', 'from', '31 days'],
    ['timeseries?from=2020-01-01', 'from', '731 days'],
    ['timeseries?currency=usd', 'currency', 'three capitals'],
    ['timeseries?from=2026-02-01', 'to', 'later than'],
    ['funnel?from=2024-01-01', 'from', '366 days'],
    ['funnel?currency=USD', 'currency', 'not a known field'],
    ['top-products?limit=0', 'limit', ''],
    ['top-products?limit=101', 'limit', ''],
    ['top-products?limit=ten', 'limit', ''],
    ['top-products?limit=1.5', 'limit', ''],
    ['top-products?from=2024-01-01', 'from', '366 days'],
  ])('%s', async (question, path, message) => {
    const response = await analytics.app.inject(`/analytics/${question}`);
    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toContain('application/problem+json');
    const { type, errors } = response.json();
    expect(type).toBe('/problems/invalid-request');
    expect(errors).toEqual([{ in: 'query', path, message: expect.stringContaining(message) }]);
  });
});

describe('answers', () => {
  it('with the range that it covers: by default up to now', async () => {
    expect(await analytics.ask('/analytics/timeseries?granularity=hour')).toMatchObject({
      from: '2026-01-01T04:00:00.000Z',
      to: '2026-01-02T04:00:00.000Z',
    });
    expect(await analytics.ask('/analytics/timeseries')).toMatchObject({
      granularity: 'day',
      from: '2025-12-04T00:00:00.000Z',
      to: '2026-01-03T00:00:00.000Z',
    });
    expect(await analytics.ask('/analytics/funnel')).toMatchObject({
      from: '2025-12-03T04:00:00.000Z',
      to: '2026-01-02T04:00:00.000Z',
      stages: [{ stage: 'placed', orders: 0, ofPlaced: null, ofPrevious: null }, {}, {}, {}],
      durations: Array(4).fill({ orders: 0, averageSeconds: null, p50Seconds: null, p95Seconds: null }),
    });
    expect(await analytics.ask('/analytics/top-products?from=2026-01-01T23:30:00%2B02:00')).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-03T00:00:00.000Z',
      products: [],
    });
  });

  it('in decimals, with the latest name of a product', async () => {
    await place('a', { price: { minor: 249_999, currency: 'USD' } }, '2019-05-01T10:59:59.999Z');
    await place(
      'b',
      { name: 'Laptop 14"', price: { minor: 1, currency: 'JPY' } },
      '2019-05-02T11:00:00.000Z',
      'JPY',
    );
    await place('c', { id: 'mug', name: 'Mug', quantity: 2 }, '2019-05-02T11:00:00.000Z');
    await analytics.caughtUp();
    const range = 'from=2019-05-01&to=2019-05-03';
    expect(await analytics.ask(`/analytics/top-products?${range}`)).toMatchObject({
      products: [
        {
          ...{ productId: 'laptop', name: 'Laptop 14"', units: 2, orders: 2 },
          revenue: [
            { currency: 'JPY', amount: 1 },
            { currency: 'USD', amount: 2499.99 },
          ],
        },
        { productId: 'mug', name: 'Mug', units: 2, orders: 1, revenue: [] },
      ],
    });
    const hours = await analytics.ask(
      '/analytics/timeseries?granularity=hour&from=2019-05-01T10:00:00Z&to=2019-05-01T12:00:00Z',
    );
    expect(hours['points']).toMatchObject([
      { at: '2019-05-01T10:00:00.000Z', counts: { placed: 1 }, uniqueCustomers: 1 },
      { at: '2019-05-01T11:00:00.000Z', counts: { placed: 0 }, uniqueCustomers: 0, byCurrency: [] },
    ]);
  });

  it('503 while the tables are not there', async () => {
    await sql`alter table hours rename to away`.execute(analytics.database.db);
    const response = await analytics.app.inject('/analytics/summary');
    await sql`alter table away rename to hours`.execute(analytics.database.db);
    expect([response.statusCode, response.json().type]).toEqual([503, '/problems/starting']);
  });
});

describe('an order at an end of time', () => {
  it.each([
    ['0001-01-01', '0001-01-02', '0001-01-01T00:00:00.000Z'],
    ['9998-12-31', '9999-01-01', '9998-12-31T23:59:59.999Z'],
  ])('is counted: %s', async (day, nextDay, occurredAt) => {
    const orderId = `on-${day}`;
    await place(orderId, { price: { minor: 249_999, currency: 'USD' } }, occurredAt);
    const amount = { minor: 249_999, currency: 'USD' };
    const order = { orderId, userId: 'ann', amount, paymentTerms: 'prepaid' };
    await analytics.store.append(`order:${orderId}`, [
      { type: 'PaymentReceived', data: { ...order, paymentMethod: 'card' }, occurredAt },
      { type: 'OrderShipped', data: { ...order, trackingNumber: 'JD1' }, occurredAt },
    ]);
    await analytics.caughtUp();
    expect((await analytics.ask('/dead-letters'))['deadLetters']).toEqual([]);

    const range = `from=${day}&to=${nextDay}`;
    const counts = { placed: 1, paid: 1, shipped: 1, delivered: 0 };
    const days = await analytics.ask(`/analytics/timeseries?${range}`);
    expect(days['points']).toMatchObject([
      { at: `${day}T00:00:00.000Z`, counts, byCurrency: [{ currency: 'USD', payments: 2499.99 }] },
    ]);
    const hours = await analytics.ask(`/analytics/timeseries?granularity=hour&${range}`);
    expect(hours['points']).toHaveLength(24);
    expect(hours['points']).toContainEqual(
      expect.objectContaining({ at: `${occurredAt.slice(0, 13)}:00:00.000Z`, uniqueCustomers: 1 }),
    );
    expect(await analytics.ask(`/analytics/summary?${range}`)).toMatchObject({ counts });
    expect(await analytics.ask(`/analytics/funnel?${range}`)).toMatchObject({
      stages: [{ orders: 1 }, { orders: 1 }, { orders: 1 }, { orders: 0 }],
    });
    expect(await analytics.ask(`/analytics/top-products?${range}`)).toMatchObject({
      products: [{ productId: 'laptop', units: 1 }],
    });
  });
});

it('documents each endpoint with an example', async () => {
  const { paths, components } = (await analytics.app.inject('/docs/json')).json();
  for (const [path, id] of [
    ['summary', 'AnalyticsSummary'],
    ['timeseries', 'AnalyticsTimeseries'],
    ['funnel', 'AnalyticsFunnel'],
    ['top-products', 'AnalyticsTopProducts'],
  ] as const) {
    const { schema } = paths[`/analytics/${path}`].get.responses['200'].content['application/json'];
    expect(schema).toEqual({ $ref: `#/components/schemas/${id}` });
    expect(Object.keys(components.schemas[id].examples[0]).sort()).toEqual(
      [...components.schemas[id].required].sort(),
    );
  }
});
