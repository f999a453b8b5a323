import { randomUUID } from 'node:crypto';
import { createEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { tcpProxy } from '@headrace/test-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, MACBOOK, orderApiOn, PAYMENT, SHIPMENT, useOrderApi } from './order-api.ts';

const keyed = (key: string, more: object = {}) => ({ 'idempotency-key': key, ...more });
const repeated = (answer: Answer) => answer.headers['idempotency-replayed'] === 'true';
const withId = () => ({ ...MACBOOK, orderId: `chosen-${randomUUID()}` });

describe('an Idempotency-Key that comes with another request', () => {
  const { api, url, prefix } = useOrderApi();

  function expectReused(answer: Answer): void {
    expect(answer).toMatchObject({
      status: 422,
      headers: { 'content-type': 'application/problem+json' },
      json: { type: '/problems/idempotency-key-reused', detail: expect.stringContaining('another request') },
    });
  }

  it.each<[string, () => object, (first: object) => object]>([
    ['another amount', withId, (first) => ({ ...first, amount: 11 })],
    ['another id', withId, withId],
    ['an id, where there was none', () => MACBOOK, withId],
    ['no id, where there was one', withId, () => MACBOOK],
  ])('is refused for an order with %s', async (_, bodyOf, otherOf) => {
    const headers = keyed(randomUUID());
    const body = bodyOf();
    const first = await api().post('/orders', body, headers);
    expect(first.status).toBe(201);
    const before = await api().logLength();
    expectReused(await api().post('/orders', otherOf(body), headers));
    const again = await api().post('/orders', body, headers);
    expect([again.status, again.json, repeated(again)]).toEqual([201, first.json, true]);
    expect(await api().logLength()).toBe(before);
  });

  it('is refused for the payment of another order', async () => {
    const [paid, unpaid] = [await api().order('placed'), await api().order('placed')];
    const pay = (orderId: string) => api().post(`/orders/${orderId}/payment`, PAYMENT, headers);
    const headers = keyed(randomUUID());
    expect((await pay(paid)).status).toBe(200);
    expectReused(await pay(unpaid));
    expectReused(await pay('nobody'));
    expect(repeated(await pay(paid))).toBe(true);
    expect(await api().events(unpaid)).toHaveLength(1);
  });

  it('is refused on another route of its order', async () => {
    const orderId = await api().order('paid');
    const headers = keyed(randomUUID());
    expect((await api().post(`/orders/${orderId}/ship`, SHIPMENT, headers)).status).toBe(200);
    expectReused(await api().post(`/orders/${orderId}/deliver`, {}, headers));
    expect(await api().events(orderId)).toHaveLength(3);
  });

  it('is refused with another method, or another item in the path', async () => {
    const orderId = await api().order('draft');
    for (const id of ['a', 'b']) await api().post(`/orders/${orderId}/items`, { id, name: id });
    const headers = keyed(randomUUID());
    const remove = (id: string) => api().send('DELETE', `/orders/${orderId}/items/${id}`, undefined, headers);
    expect((await remove('a')).status).toBe(200);
    expectReused(await remove('b'));
    expectReused(await api().post(`/orders/${orderId}/items`, { id: 'c', name: 'c' }, headers));
    expect(repeated(await remove('a'))).toBe(true);
    expect(await api().events(orderId)).toHaveLength(4);
  });

  it('is refused to another actor, who is not told the first answer', async () => {
    const key = randomUUID();
    expect((await api().post('/orders', MACBOOK, keyed(key, { 'x-actor': 'ann' }))).status).toBe(201);
    expectReused(await api().post('/orders', MACBOOK, keyed(key, { 'x-actor': 'bob' })));
    expectReused(await api().post('/orders', MACBOOK, keyed(key)));
  });

  it('stays with a request that was refused, which may be tried again', async () => {
    const orderId = await api().order('placed');
    const headers = keyed(randomUUID());
    const ship = (body: object) => api().post(`/orders/${orderId}/ship`, body, headers);
    expect((await ship(SHIPMENT)).status).toBe(409);
    await api().post(`/orders/${orderId}/payment`, PAYMENT);
    expectReused(await ship({ ...SHIPMENT, carrier: 'DHL' }));
    expect((await ship(SHIPMENT)).status).toBe(200);
  });

  it('is free after a request of the wrong shape', async () => {
    const headers = keyed(randomUUID());
    expect((await api().post('/orders', { userId: 'u' }, headers)).status).toBe(400);
    expect((await api().post('/orders', { ...MACBOOK, amount: 1.234 }, headers)).status).toBe(422);
    expect((await api().post('/orders', MACBOOK, headers)).status).toBe(201);
  });

  it('is refused to all but one of twenty who send other orders with it at once', async () => {
    const headers = keyed(randomUUID());
    const before = await api().logLength();
    const place = () => api().post('/orders', withId(), headers);
    const answers = await Promise.all(Array.from({ length: 20 }, place));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const answer of answers) if (answer.status !== 201) expectReused(answer);
    expect(await api().logLength()).toBe(before + 1);
  });

  it('is refused also where the reply to its first request was lost on the way from Redis', async () => {
    const proxy = await tcpProxy({ target: url });
    onTestFinished(() => proxy.close());
    const store = createEventStore({ redisUrl: proxy.url, prefix, registry: shopRegistry });
    onTestFinished(() => store.close());
    await store.open();
    const distant = await orderApiOn(store);
    onTestFinished(() => distant.app.close());
    const headers = keyed(randomUUID());
    await distant.post('/orders', MACBOOK);
    proxy.dropReplies((request) => request.includes(':claim:'));
    const first = await distant.post('/orders', MACBOOK, headers);
    expect(proxy.droppedReplies).toBe(1);
    expect([first.status, repeated(first)]).toEqual([201, false]);
    expectReused(await api().post('/orders', withId(), headers));
    expect((await api().post('/orders', MACBOOK, headers)).json).toEqual(first.json);
  });
});
