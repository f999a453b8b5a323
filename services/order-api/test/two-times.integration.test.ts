import { orderStream } from '@headrace/shop';
import { beforeAll, describe, expect, it } from 'vitest';
import { useOrderApi } from './order-api.ts';

const userId = 'user789';
const amount = { minor: 1000, currency: 'EUR' };
const day = (n: number) => `2019-03-0${n}T12:00:00Z`;

describe('an order of 2019 that was imported', () => {
  const { api } = useOrderApi();
  const orderId = 'imported';
  let importedAt = '';

  beforeAll(async () => {
    const owner = { orderId, userId };
    const paymentTerms = 'on_account';
    await api().store.append(orderStream(orderId), [
      { type: 'OrderPlaced', data: { ...owner, items: [], amount, paymentTerms }, occurredAt: day(1) },
      {
        type: 'OrderShipped',
        data: { ...owner, amount, paymentTerms, trackingNumber: 'T' },
        occurredAt: day(3),
      },
      // noted down when the parcel had left already
      {
        type: 'PaymentReceived',
        data: { ...owner, amount, paymentTerms, paymentMethod: 'card' },
        occurredAt: day(2),
      },
      { type: 'OrderDelivered', data: owner, occurredAt: day(5) },
    ]);
    importedAt = (await api().events(orderId))[0]?.recordedAt ?? '';
  });

  const stateAt = (query: string) => api().get(`/orders/${orderId}?${query}`);
  const versionsOf = async (query: string) => {
    const { status, json } = await api().get(`/orders/${orderId}/history?${query}`);
    expect(status).toBe(200);
    return json.map(({ version }: { version: number }) => version);
  };

  it('was not known then, and says how to ask what had happened', async () => {
    for (const by of ['', '&by=recorded']) {
      const { status, json } = await stateAt(`at=${day(5)}${by}`);
      expect([status, json.type]).toEqual([404, '/problems/order-not-found']);
      expect(json.detail).toContain('by=occurred');
    }
    expect((await stateAt(`at=${importedAt}`)).json).toMatchObject({ status: 'delivered', version: 4 });
  });

  it.each([
    [1, 'placed', 1],
    [2, 'placed', 1],
    [3, 'shipped', 3],
    [4, 'shipped', 3],
    [5, 'delivered', 4],
  ])('had by day %i of business time become %s, version %i', async (n, status, version) => {
    const { json, headers } = await stateAt(`at=${day(n)}&by=occurred`);
    expect(json).toMatchObject({ status, version });
    expect(json.history).toHaveLength(version);
    expect(headers['etag']).toBe(`"${version}"`);
    expect(json.paidAt).toBe(version < 3 ? undefined : '2019-03-02T12:00:00.000Z');
  });

  it('had not begun before its first event', async () => {
    const { status, json } = await stateAt('at=2019-03-01T11:59:59Z&by=occurred');
    expect([status, json.type]).toEqual([404, '/problems/order-not-found']);
    expect(json.detail).not.toContain('by=');
  });

  it('tells its history of a time by either', async () => {
    expect(await versionsOf(`to=${day(3)}&by=occurred`)).toEqual([1, 2, 3]);
    expect(await versionsOf(`from=${day(2)}&to=${day(4)}&by=occurred`)).toEqual([2, 3]);
    expect(await versionsOf(`from=3&to=${day(5)}&by=occurred`)).toEqual([3, 4]);
    expect(await versionsOf(`to=${day(5)}&by=recorded`)).toEqual([]);
    expect(await versionsOf(`from=${importedAt}`)).toEqual([1, 2, 3, 4]);
    const { headers } = await api().get(`/orders/${orderId}/history?to=${day(3)}&by=occurred&limit=2`);
    const next = /<\?([^>]+)>/.exec(String(headers['link']))?.[1] ?? '';
    expect(await versionsOf(next)).toEqual([3]);
  });

  it.each([
    '?by=occurred',
    '?version=1&by=occurred',
    `?at=${day(1)}&by=told`,
    '/history?by=occurred',
    '/history?from=1&by=recorded',
  ])('refuses %s', async (rest) => {
    const { status, json } = await api().get(`/orders/${orderId}${rest}`);
    expect([status, json.type, json.errors[0].path]).toEqual([400, '/problems/invalid-request', 'by']);
  });
});
