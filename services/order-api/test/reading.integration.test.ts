import { eventually } from '@headrace/test-kit';
import { beforeAll, describe, expect, it } from 'vitest';
import { MACBOOK, PAYMENT, SHIPMENT, useOrderApi } from './order-api.ts';

const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type);

describe('reading an order', () => {
  const { api } = useOrderApi();
  let orderId = '';
  let times: string[] = [];

  beforeAll(async () => {
    orderId = (await api().post('/orders', { ...MACBOOK, items: [{ id: 'a', name: 'A', price: 2499.99 }] }))
      .json.orderId;
    for (const [action, body] of [
      ['payment', PAYMENT],
      ['ship', SHIPMENT],
    ] as const) {
      await nextMillisecond();
      await api().post(`/orders/${orderId}/${action}`, body);
    }
    times = (await api().events(orderId)).map(({ recordedAt }) => recordedAt);
    expect(new Set(times).size).toBe(3);
  });

  /** Events of one millisecond cannot be told apart by time. */
  async function nextMillisecond(): Promise<void> {
    const clock = async () => (await api().store.redis.time()).map(Number);
    const ms = ([seconds = 0, micros = 0]: number[]) => seconds * 1000 + Math.floor(micros / 1000);
    const start = ms(await clock());
    await eventually(async () => ms(await clock()) > start, { intervalMs: 1 });
  }

  it.each([
    [1, 'placed'],
    [2, 'paid'],
    [3, 'shipped'],
  ])('shows version %i as it was: %s', async (version, status) => {
    const { json, headers } = await api().get(`/orders/${orderId}?version=${version}`);
    expect(json).toMatchObject({ status, version, paidAmount: version === 1 ? 0 : 2499.99 });
    expect(json.history).toHaveLength(version);
    expect(headers['etag']).toBe(`"${version}"`);
    const at = await api().get(`/orders/${orderId}?at=${times[version - 1]}`);
    expect(at.json).toEqual(json);
  });

  it('takes times with an offset, and the future as now', async () => {
    const ms = Date.parse(times[1] ?? '');
    const inOslo = new Date(ms + 2 * 3_600_000).toISOString().replace('Z', '+02:00');
    const { json } = await api().get(`/orders/${orderId}?at=${encodeURIComponent(inOslo)}`);
    expect(json.status).toBe('paid');
    expect((await api().get(`/orders/${orderId}?at=2100-01-01T00:00:00Z`)).json.version).toBe(3);
  });

  it.each([
    ['version=4', 404, 'version-beyond-end'],
    ['at=2001-01-01T00:00:00Z', 404, 'order-not-found'],
    ['version=0', 400, 'invalid-request'],
    ['version=-1', 400, 'invalid-request'],
    ['version=1e0', 400, 'invalid-request'],
    ['version=two', 400, 'invalid-request'],
    ['at=yesterday', 400, 'invalid-request'],
    ['at=2026-01-15', 400, 'invalid-request'],
    ['version=1&at=2100-01-01T00:00:00Z', 400, 'invalid-request'],
    ['version=1&version=2', 400, 'invalid-request'],
    ['vresion=1', 400, 'invalid-request'],
  ])('answers ?%s with %i', async (query, status, slug) => {
    const answer = await api().get(`/orders/${orderId}?${query}`);
    expect([answer.status, answer.json.type]).toEqual([status, `/problems/${slug}`]);
  });

  it('tells the history, oldest first, with decimal amounts', async () => {
    const { json, headers } = await api().get(`/orders/${orderId}/history`);
    expect(typesOf(json)).toEqual(['OrderPlaced', 'PaymentReceived', 'OrderShipped']);
    expect(headers['etag']).toBe('"3"');
    expect(json[0]).toEqual({
      eventId: (await api().events(orderId))[0]?.id,
      type: 'OrderPlaced',
      version: 1,
      timestamp: times[0],
      recordedAt: times[0],
      schemaVersion: 3,
      data: {
        orderId,
        userId: 'user789',
        email: 'user@example.com',
        items: [{ id: 'a', name: 'A', quantity: 1, price: 2499.99 }],
        amount: 2499.99,
        currency: 'USD',
        paymentTerms: 'prepaid',
      },
      meta: { commandId: expect.any(String), correlationId: expect.any(String) },
    });
  });

  it.each([
    ['from=2', [2, 3]],
    ['to=2', [1, 2]],
    ['from=2&to=2', [2]],
    ['from=3&to=2', []],
    ['from=9', []],
    ['to=9', [1, 2, 3]],
    ['from=2100-01-01T00:00:00Z', []],
    ['to=2001-01-01T00:00:00Z', []],
    ['from=@2', [2, 3]],
    ['from=@2&to=@2', [2]],
    ['from=2&to=@2', [2]],
    ['to=@1', [1]],
  ])('tells the part of the history that ?%s names', async (query, versions) => {
    const timed = query.replace(/@(\d)/g, (_, version) => times[Number(version) - 1] ?? '');
    const { status, json } = await api().get(`/orders/${orderId}/history?${timed}`);
    expect(status).toBe(200);
    expect(json.map(({ version }: { version: number }) => version)).toEqual(versions);
  });

  it.each(['from=0', 'from=soon', 'to=-1', 'form=1'])('refuses ?%s', async (query) => {
    expect((await api().get(`/orders/${orderId}/history?${query}`)).status).toBe(400);
  });

  it.each(['', '/history', '?version=1', '/history?from=2'])(
    'knows no order that nobody placed (%s)',
    async (rest) => {
      const { status, json } = await api().get(`/orders/nobody${rest}`);
      expect([status, json.status]).toEqual([404, 404]);
    },
  );
});
