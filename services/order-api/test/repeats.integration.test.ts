import { randomUUID } from 'node:crypto';
import { orderStream } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { type Answer, MACBOOK, PAYMENT, SHIPMENT, useOrderApi } from './order-api.ts';

const keyed = (key: string) => ({ 'idempotency-key': key });
const repeated = (answer: Answer) => answer.headers['idempotency-replayed'] === 'true';

describe('repeats under an Idempotency-Key', () => {
  const { api } = useOrderApi();

  it.each([
    ['POST /orders', '/orders', MACBOOK],
    ['POST /orders with an id', '/orders', { ...MACBOOK, orderId: 'chosen' }],
    ['POST /orders/drafts', '/orders/drafts', { userId: 'u', items: [{ id: 'a', name: 'A' }] }],
  ])('%s twenty times at once creates one order', async (_, path, body) => {
    const headers = keyed(randomUUID());
    const before = await api().logLength();
    const answers = await Promise.all(Array.from({ length: 20 }, () => api().post(path, body, headers)));
    const [first] = answers;
    for (const { status, json, headers: sent } of answers) {
      expect([status, json]).toEqual([201, first?.json]);
      expect(sent).toMatchObject({ location: first?.headers['location'], etag: first?.headers['etag'] });
    }
    expect(answers.filter(repeated)).toHaveLength(19);
    expect(await api().logLength()).toBe(before + first?.json.version);
  });

  it('a payment twenty times at once is received once', async () => {
    const orderId = await api().order('placed');
    const pay = () => api().post(`/orders/${orderId}/payment`, PAYMENT, keyed('pay-1'));
    const answers = await Promise.all(Array.from({ length: 20 }, pay));
    for (const { status, json } of answers) expect([status, json]).toEqual([200, answers[0]?.json]);
    expect(answers.filter(repeated)).toHaveLength(19);
    expect(await api().events(orderId)).toHaveLength(2);
  });

  it('a payment that comes again after the order moved on gets its first answer', async () => {
    const orderId = await api().order('placed');
    const pay = (headers = {}) =>
      api().post(`/orders/${orderId}/payment`, PAYMENT, { ...keyed('pay'), ...headers });
    const first = await pay();
    await api().post(`/orders/${orderId}/ship`, SHIPMENT);
    await api().post(`/orders/${orderId}/deliver`);
    const again = await pay({ 'if-match': '"1"' });
    expect(again).toMatchObject({ status: 200, json: first.json, headers: { etag: '"2"' } });
    expect(first.json).toMatchObject({ status: 'paid', version: 2 });
    expect([repeated(first), repeated(again)]).toEqual([false, true]);
    expect(await api().events(orderId)).toHaveLength(4);
  });

  it('every change may be repeated', async () => {
    const items = [{ id: 'a', name: 'A', price: 5 }];
    const { orderId } = (await api().post('/orders/drafts', { userId: 'u', items })).json;
    const steps: readonly ['POST' | 'DELETE', string, object?][] = [
      ['POST', 'items', { id: 'b', name: 'B', price: 1 }],
      ['DELETE', 'items/b'],
      ['POST', 'confirm'],
      ['POST', 'payment', { paymentMethod: 'card', amount: 5 }],
      ['POST', 'ship', SHIPMENT],
      ['POST', 'deliver'],
      ['POST', 'refund', { amount: 2, reason: 'r' }],
    ];
    const firsts: Answer[] = [];
    for (const [method, path, body] of steps)
      firsts.push(await api().send(method, `/orders/${orderId}/${path}`, body, keyed(`every-${path}`)));
    const length = (await api().events(orderId)).length;
    for (const [i, [method, path, body]] of steps.entries()) {
      const again = await api().send(method, `/orders/${orderId}/${path}`, body, keyed(`every-${path}`));
      expect([again.status, again.json, repeated(again)]).toEqual([200, firsts[i]?.json, true]);
    }
    expect(await api().events(orderId)).toHaveLength(length);
  });

  it.each([
    ['POST', 'payment', PAYMENT, { ...PAYMENT, paymentMethod: 'cash' }],
    ['POST', 'payment', PAYMENT, { ...PAYMENT, amount: 1 }],
  ] as const)('refuses the key of %s %s for another request', async (method, path, body, other) => {
    const orderId = await api().order('placed');
    const headers = keyed(randomUUID());
    expect((await api().send(method, `/orders/${orderId}/${path}`, body, headers)).status).toBe(200);
    const before = await api().logLength();
    const answer = await api().send(method, `/orders/${orderId}/${path}`, other, headers);
    expect(answer).toMatchObject({ status: 422, json: { type: '/problems/idempotency-key-reused' } });
    expect(await api().logLength()).toBe(before);
  });

  it('refuses the key of a creation for another one', async () => {
    const headers = keyed(randomUUID());
    await api().post('/orders', MACBOOK, headers);
    const before = await api().logLength();
    const answer = await api().post('/orders', { ...MACBOOK, amount: 1 }, headers);
    expect(answer).toMatchObject({ status: 422, json: { type: '/problems/idempotency-key-reused' } });
    expect(await api().logLength()).toBe(before);
  });

  it('takes the order of fields, written defaults and preconditions for the same request', async () => {
    const headers = keyed(randomUUID());
    const first = await api().post('/orders', MACBOOK, headers);
    const { items, ...rest } = MACBOOK;
    const [item] = items;
    const same = { items: [{ quantity: 1, ...item }], currency: 'USD', ...rest, expectedVersion: 0 };
    const again = await api().post('/orders', same, headers);
    expect([again.status, again.json, repeated(again)]).toEqual([201, first.json, true]);
  });

  it('does not keep refusals: the same key works once the state allows it', async () => {
    const orderId = await api().order('placed');
    const ship = () => api().post(`/orders/${orderId}/ship`, SHIPMENT, keyed('ship'));
    expect((await ship()).status).toBe(409);
    await api().post(`/orders/${orderId}/payment`, PAYMENT);
    const shipped = await ship();
    expect([shipped.status, repeated(shipped)]).toEqual([200, false]);
  });

  it('without a key a repeat is refused, or a second order', async () => {
    const orderId = await api().order('placed');
    expect((await api().post(`/orders/${orderId}/payment`, PAYMENT)).status).toBe(200);
    expect((await api().post(`/orders/${orderId}/payment`, PAYMENT)).status).toBe(409);
    expect(await api().order('placed')).not.toBe(orderId);
  });
});

describe('late repeats', () => {
  const { api } = useOrderApi({ idempotencyTtlS: 1 });

  it.each([
    ['placed', '/orders', MACBOOK],
    ['with an id', '/orders', { ...MACBOOK, orderId: 'chosen' }],
    [
      'drafted',
      '/orders/drafts',
      {
        userId: 'u',
        items: [
          { id: 'a', name: 'A' },
          { id: 'b', name: 'B' },
        ],
      },
    ],
  ])('of a creation (%s) get the first answer when receipt and claim are gone', async (_, path, body) => {
    const headers = keyed(randomUUID());
    const first = await api().post(path, body, headers);
    const { orderId } = first.json;
    if (path === '/orders') await api().post(`/orders/${orderId}/payment`, PAYMENT);
    else await api().post(`/orders/${orderId}/items`, { id: 'c', name: 'C' });
    await receiptsGone();
    await api().store.redis.del(api().store.keys.claim(headers['idempotency-key']));
    const before = await api().logLength();
    const again = await api().post(path, body, headers);
    expect([again.status, again.json, repeated(again)]).toEqual([201, first.json, true]);
    const other = await api().post(path, { ...body, userId: 'another' }, headers);
    expect(other).toMatchObject({ status: 422, json: { type: '/problems/idempotency-key-reused' } });
    expect(await api().logLength()).toBe(before);
  });

  async function receiptsGone(): Promise<void> {
    const { redis, keys } = api().store;
    const pattern = keys.idempotency(orderStream('x'), ['x']).replace(/\{.*$/, '*:idempotency:*');
    await eventually(async () => {
      let cursor = '0';
      const found: string[] = [];
      do {
        const [next, page] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
        found.push(...page);
        cursor = next;
      } while (cursor !== '0');
      expect(found).toEqual([]);
    });
  }
});

describe('many at once', () => {
  const { api } = useOrderApi();

  it('200 payments of one order: one is received, the others are refused', async () => {
    const orderId = await api().order('placed');
    const pay = () => api().post(`/orders/${orderId}/payment`, PAYMENT);
    const answers = await Promise.all(Array.from({ length: 200 }, pay));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 199 }, () => 409)]);
    const types = (await api().events(orderId)).map(({ type }) => type);
    expect(types).toEqual(['OrderPlaced', 'PaymentReceived']);
  });

  it('of two who pin the same version one succeeds', async () => {
    const orderId = await api().order('draft');
    const add = (id: string) =>
      api().post(`/orders/${orderId}/items`, { id, name: id }, { 'if-match': '"1"' });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(add));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
  });

  it('of ten who choose the same id one gets the order', async () => {
    const place = (userId: string) => api().post('/orders', { ...MACBOOK, userId, orderId: 'wanted' });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => place(`u${i}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 409),
    ]);
    expect(await api().events('wanted')).toHaveLength(1);
  });
});
