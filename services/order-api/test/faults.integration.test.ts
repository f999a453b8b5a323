import { createEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { eventually, type TcpProxy, tcpProxy, useRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MACBOOK, type OrderApi, orderApiOn, PAYMENT, SHIPMENT } from './order-api.ts';

const { url, prefix } = useRedis();

describe('a network that fails', () => {
  let proxy: TcpProxy;
  let api: OrderApi;

  beforeEach(async () => {
    proxy = await tcpProxy({ target: url });
    const store = createEventStore({
      redisUrl: proxy.url,
      prefix,
      registry: shopRegistry,
      connectWaitMs: 300,
      commandTimeoutMs: 1_000,
      confirmTimeoutMs: 500,
    });
    await store.open();
    api = await orderApiOn(store);
  });

  afterEach(async () => {
    await api.app.close();
    await api.store.close();
    await proxy.close();
  });

  /** The type stands in the request that appends the event, and in no other. */
  const isAppend = (of: string) => (request: Buffer) => request.includes(of);

  it.each([
    ['without a key', {}],
    ['with a key', { 'idempotency-key': 'lost' }],
  ])('a creation whose reply from Redis is lost is answered, and stored once (%s)', async (_, headers) => {
    await api.post('/orders', MACBOOK);
    proxy.dropReplies(isAppend('OrderPlaced'));
    const placed = await api.post('/orders', MACBOOK, headers);
    expect(proxy.droppedReplies).toBe(1);
    expect([placed.status, placed.json.status, placed.json.version]).toEqual([201, 'placed', 1]);
    const events = await api.events(placed.json.orderId);
    expect(events.map(({ id }) => id)).toEqual([placed.json.eventId]);
  });

  it.each([
    ['without a key', {}],
    ['with a key', { 'idempotency-key': 'lost-payment' }],
  ])('a payment whose reply from Redis is lost is no false conflict (%s)', async (_, headers) => {
    const orderId = await api.order('placed');
    proxy.dropReplies(isAppend('PaymentReceived'));
    const paid = await api.post(`/orders/${orderId}/payment`, PAYMENT, headers);
    expect(proxy.droppedReplies).toBe(1);
    expect([paid.status, paid.json.status, paid.json.version]).toEqual([200, 'paid', 2]);
    expect((await api.events(orderId)).map(({ type }) => type)).toEqual(['OrderPlaced', 'PaymentReceived']);
    if (!('idempotency-key' in headers)) expect(paid.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('answers 503 while Redis is away, and goes on by itself when it is back', async () => {
    const orderId = await api.order('paid');
    await proxy.down();
    // a write on a connection that has not noticed yet could not tell what became of it
    await eventually(async () => (await api.get('/health/ready')).status === 503);
    const refused = [
      await api.post('/orders', MACBOOK),
      await api.post(`/orders/${orderId}/ship`, SHIPMENT),
      await api.get(`/orders/${orderId}`),
      await api.get(`/orders/${orderId}/history`),
    ];
    for (const { status, headers, json } of refused) {
      expect([status, json.type]).toEqual([503, '/problems/store-unavailable']);
      expect(headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/problem+json' });
    }
    expect((await api.get('/health/live')).status).toBe(200);
    expect((await api.post('/orders', {})).status).toBe(400);
    await proxy.up();
    const shipped = await eventually(async () => {
      const answer = await api.post(`/orders/${orderId}/ship`, SHIPMENT);
      return answer.status === 503 ? false : answer;
    });
    expect(shipped).toMatchObject({ status: 200, json: { status: 'shipped', version: 3 } });
    await eventually(async () => (await api.get('/health/ready')).status === 200);
  });
});

describe('before Redis is there', () => {
  it('answers 503 and is not ready', async () => {
    const proxy = await tcpProxy({ target: url });
    await proxy.down();
    const redisUrl = proxy.url;
    const store = createEventStore({ redisUrl, prefix, registry: shopRegistry, connectWaitMs: 200 });
    const api = await orderApiOn(store);
    const answer = await api.post('/orders', MACBOOK);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect((await api.get('/health/ready')).status).toBe(503);
    await api.app.close();
    await store.close();
  });
});
