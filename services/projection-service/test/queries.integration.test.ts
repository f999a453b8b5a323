import { encodeCursor } from '@headrace/service-kit';
import type { OrderState, OrderView } from '@headrace/shop';
import { exponentOf } from '@headrace/shop';
import { usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projections } from '../src/projections/built-in.ts';
import { expectedDays } from './expected-days.ts';
import { generatedOrder } from './generated-orders.ts';
import { appendOrder, caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
const ORDERS = Array.from({ length: 60 }, (_, seed) => generatedOrder(seed, 15));
let service: RunningService;

interface Page<Row> {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  service = await runProjectionService({ redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema });
  await Promise.all(ORDERS.map((order) => appendOrder(service.store, order)));
  await caughtUp(service);
});
afterAll(() => service.stop());

async function allPages<Row>(path: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let cursor = ''; ; ) {
    const { status, body } = await service.get<Page<Row>>(`${path}${cursor}`);
    expect(status).toBe(200);
    rows.push(...body.data);
    if (body.nextCursor === null) return rows;
    cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
  }
}

const statesOf = (which: (state: OrderState) => boolean) =>
  ORDERS.flatMap(({ state }) => (state !== null && which(state) ? [state] : []));

describe('GET /api/queries/orders', () => {
  it('answers the same from the read model as from the log, for every order', async () => {
    for (const { orderId, state } of ORDERS) {
      const fromReadModel = await service.get<{ data: OrderView }>(`/api/queries/orders?orderId=${orderId}`);
      const fromLog = await service.get(`/api/queries/orders?orderId=${orderId}&source=event_store`);
      expect(fromReadModel.status).toBe(200);
      expect(fromLog.body).toEqual(fromReadModel.body);
      expect(fromReadModel.body.data).toMatchObject({ status: state?.status, version: state?.version });
    }
  });

  it('shows money as decimals of its currency', async () => {
    const orders = await allPages<OrderView>('/api/queries/orders?limit=200');
    for (const { orderId, amount, currency } of orders) {
      const state = ORDERS.find((order) => order.orderId === orderId)?.state;
      expect(amount * 10 ** exponentOf(currency)).toBeCloseTo(state?.amount.minor ?? Number.NaN, 6);
    }
    expect(new Set(orders.map(({ currency }) => currency))).toEqual(new Set(['EUR', 'JPY', 'KWD']));
  });

  it.each(['', '&userId=user-1', '&status=cancelled', '&userId=user-2&status=cancelled'])(
    'lists every order once, newest first, with %j',
    async (filter) => {
      const wanted = new URLSearchParams(filter);
      const matches = ({ userId, status }: OrderState) =>
        (wanted.get('userId') ?? userId) === userId && (wanted.get('status') ?? status) === status;
      const listed = await allPages<OrderView>(`/api/queries/orders?limit=7${filter}`);
      const expected = statesOf(matches).map(({ orderId }) => orderId);
      expect(expected.length).toBeGreaterThan(0);
      expect(listed.map(({ orderId }) => orderId).sort()).toEqual(expected.sort());
      const times = listed.map(({ createdAt }) => createdAt);
      expect(times).toEqual([...times].sort().reverse());
    },
  );

  it('knows no order that nobody placed', async () => {
    for (const source of ['read_model', 'event_store']) {
      const { status, body } = await service.get(`/api/queries/orders?orderId=nobody&source=${source}`);
      expect(status).toBe(404);
      expect(body).toMatchObject({ type: '/problems/not-found', orderId: 'nobody' });
    }
  });

  it('looks for what PostgreSQL could not hold without failing', async () => {
    expect((await service.get('/api/queries/orders?userId=%00')).body).toEqual({
      data: [],
      nextCursor: null,
    });
  });
});

describe('GET /api/queries/daily-summary', () => {
  interface Day {
    readonly day: string;
    readonly currency: string;
    readonly [count: string]: unknown;
  }

  it('adds up what happened on each day, newest first', async () => {
    const listed = await allPages<Day>('/api/queries/daily-summary?limit=4');
    const expected = expectedDays(ORDERS);
    expect(listed.map(({ day, currency }) => `${day} ${currency}`)).toEqual(
      [...expected.keys()].sort((a, b) => {
        return b.slice(0, 10).localeCompare(a.slice(0, 10)) || a.localeCompare(b);
      }),
    );
    for (const { day, currency, ...counts } of listed) {
      const minor = 10 ** exponentOf(currency);
      const sums = expected.get(`${day} ${currency}`);
      const decimals = {
        revenue: (sums?.['revenue'] ?? 0) / minor,
        refunds: (sums?.['refunds'] ?? 0) / minor,
        deposits: 0,
        withdrawals: 0,
      };
      expect(counts, `${day} ${currency}`).toEqual({ ...sums, ...decimals });
    }
  });

  it('keeps to a range of days, both included, and a currency', async () => {
    const all = await allPages<Day>('/api/queries/daily-summary?limit=1000');
    const path = '/api/queries/daily-summary?from=2026-01-02&to=2026-01-03&currency=JPY';
    expect((await service.get<Page<Day>>(path)).body.data).toEqual(
      all.filter(({ day, currency }) => /-0[23]$/.test(day) && currency === 'JPY'),
    );
    expect(all.filter(({ day }) => /-0[23]$/.test(day)).length).toBeGreaterThan(2);
  });
});

describe('GET /api/queries', () => {
  it('lists the known queries for an unknown one', async () => {
    const { status, body } = await service.get('/api/queries/invoices');
    expect(status).toBe(404);
    expect(body).toMatchObject({
      known: ['orders', 'account', 'accounts', 'user', 'users', 'daily-summary', 'audit'],
    });
  });

  it.each([
    ['orders?colour=red', 'colour'],
    ['orders?status=lost', 'status'],
    ['orders?orderId=a&userId=b', 'orderId'],
    ['orders?orderId=a%20b', 'orderId'],
    ['orders?orderId=order:x', 'orderId'],
    ['account?accountId=account:1', 'accountId'],
    ['user?userId=user:1', 'userId'],
    ['orders?limit=0', 'limit'],
    ['orders?cursor=abc', 'cursor'],
    ['orders?source=event_store', 'orderId'],
    ['orders?wait_for=17', 'wait_for'],
    ['orders?wait_for=99-1-0', 'wait_for'],
    ['orders?timeout_ms=30001', 'timeout_ms'],
    ['daily-summary?from=15.1.2026', 'from'],
    ['daily-summary?from=2026-01-03&to=2026-01-02', 'to'],
    ['daily-summary?currency=EURO', 'currency'],
    ['daily-summary?source=event_store', 'source'],
    ['audit?source=event_store', 'source'],
    ['audit?cursor=0~', 'cursor'],
    ['audit?from=yesterday', 'from'],
    ['audit?from=0000-01-01T00:00:00Z', 'from'],
    ['audit?from=9999-12-31T23:00:00-02:00', 'from'],
    ['daily-summary?to=0000-01-01', 'to'],
    [`orders?cursor=${encodeCursor(['0000-01-01T00:00:00.000Z', 'order:x'])}`, 'cursor'],
    [`orders?cursor=${encodeCursor(['2026-01-01T00:00:00.000Z', 'a\0b'])}`, 'cursor'],
  ])('refuses %s', async (query, path) => {
    const { status, body } = await service.get(`/api/queries/${query}`);
    expect(status).toBe(400);
    expect(body['errors']).toContainEqual(expect.objectContaining({ in: 'query', path }));
  });
});

describe('the service', () => {
  it('documents every route', async () => {
    const { body } = await service.get<{ paths: Record<string, Record<string, unknown>> }>('/docs/json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/api/queries/orders',
        '/api/queries/daily-summary',
        '/api/queries/audit',
        '/api/events/{eventId}/status',
        '/api/projections',
        '/api/projections/{id}',
        '/api/queries/{queryId}',
        '/consumer',
        '/dead-letters',
      ]),
    );
    expect(Object.keys(body.paths['/api/projections'] ?? {})).toEqual(['get', 'post']);
    expect(Object.keys(body.paths['/api/projections/{id}'] ?? {})).toEqual(['get', 'delete']);
  });

  it('tells how each projection is doing', async () => {
    const { body } = await service.get<{ data: readonly Record<string, unknown>[] }>('/api/projections');
    const events = ORDERS.reduce((sum, order) => sum + order.events.length, 0);
    expect(body.data.map(({ id }) => id)).toEqual(projections.map(({ name }) => name));
    for (const [index, projection] of body.data.entries()) {
      const version = projections[index]?.version;
      expect(projection).toMatchObject({
        version,
        status: 'active',
        lag: 0,
        progress: { handledEvents: events, totalEvents: events, percent: 100 },
        parkedEvents: 0,
        group: `projection:${projection['id']}:v${version}`,
      });
      expect(Object.keys(projection['lastProcessedPosition'] as object)).toEqual(['0', '1', '2', '3']);
      expect((await service.get(`/api/projections/${projection['id']}`)).body).toMatchObject({
        id: projection['id'],
      });
    }
    expect((await service.get('/api/projections/invoices')).status).toBe(404);
  });

  it('shows its groups', async () => {
    const { body } = await service.get<{ groups: readonly { group: string }[] }>('/consumer');
    expect(body.groups.map(({ group }) => group)).toEqual(
      projections.map(({ name, version }) => `projection:${name}:v${version}`),
    );
    const metrics = await service.app.inject({ url: '/metrics' });
    expect(metrics.body).toContain('headrace_consumer_lag_events');
    expect((await service.app.inject({ url: '/health/ready' })).statusCode).toBe(200);
  });
});

describe('an order at an end of time', () => {
  it.each([
    ['0001-01-01', '0001-01-01T00:00:00.000Z'],
    ['9998-12-31', '9998-12-31T23:59:59.999Z'],
  ])('is in every read model: %s', async (day, occurredAt) => {
    const orderId = `on-${day}`;
    const amount = { minor: 2500, currency: 'CHF' };
    const order = { orderId, userId: 'ann', amount, paymentTerms: 'prepaid' };
    const events = [
      { type: 'OrderPlaced', data: { ...order, items: [] } },
      { type: 'PaymentReceived', data: { ...order, paymentMethod: 'card' } },
      { type: 'OrderShipped', data: { ...order, trackingNumber: 'JD1' } },
    ];
    await service.store.append(
      `order:${orderId}`,
      events.map((event) => ({ ...event, occurredAt })),
    );
    await caughtUp(service);
    const { body } = await service.get<{ deadLetters: unknown }>('/dead-letters');
    expect(body.deadLetters).toEqual([]);

    const summary = await service.get(`/api/queries/daily-summary?from=${day}&to=${day}`);
    const counts = { ordersPlaced: 1, ordersShipped: 1, ordersDelivered: 0, revenue: 25 };
    expect(summary.body['data']).toMatchObject([{ day, currency: 'CHF', ...counts }]);
    const audit = await service.get(`/api/queries/audit?from=${occurredAt}&to=${occurredAt}`);
    expect(audit.body['data']).toMatchObject(events.map(({ type }) => ({ type, occurredAt })));
    for (const source of ['read_model', 'event_store']) {
      const read = await service.get(`/api/queries/orders?orderId=${orderId}&source=${source}`);
      expect(read.body['data']).toMatchObject({ status: 'shipped', createdAt: occurredAt });
    }
  });
});
