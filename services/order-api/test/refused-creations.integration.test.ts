import { describe, expect, it } from 'vitest';
import { MACBOOK, useOrderApi } from './order-api.ts';
import { expectProblem } from './refusals.ts';

const priced = (price: number, quantity = 1) => [{ id: 'a', name: 'A', price, quantity }];

describe.each(['/orders', '/orders/drafts'])('refusals of POST %s', (path) => {
  const { api } = useOrderApi();
  const order = { userId: 'u', items: priced(1) };

  it.each<[string, unknown, number, string]>([
    ['no user', { items: priced(1) }, 400, 'invalid-request'],
    ['an unknown field', { ...order, coupon: 'x' }, 400, 'invalid-request'],
    ['an id that no stream can have', { ...order, orderId: 'a b' }, 400, 'invalid-request'],
    ['an id that no URL can hold', { ...order, orderId: '..' }, 400, 'invalid-request'],
    ['the name of a stream for an id', { ...order, orderId: 'order:1' }, 400, 'invalid-request'],
    [
      'an item id that no URL can hold',
      { userId: 'u', items: [{ id: '.', name: 'A', price: 1 }] },
      400,
      'invalid-request',
    ],
    ['a mail address with a second one', { ...order, email: 'a@b.c,d@e.f' }, 400, 'invalid-request'],
    ['a mail address that is none', { ...order, email: 'a..b@example.com' }, 400, 'invalid-request'],
    ['unknown payment terms', { ...order, paymentTerms: 'barter' }, 400, 'invalid-request'],
    ['an unknown currency', { ...order, currency: 'XXQ' }, 422, 'unknown-currency'],
    [
      'an unknown currency without a price',
      { userId: 'u', items: [{ id: 'a', name: 'A' }], currency: 'XXQ' },
      422,
      'unknown-currency',
    ],
    ['too many decimals', { ...order, items: priced(1.999) }, 422, 'too-many-decimals'],
    ['a negative price', { ...order, items: priced(-1) }, 422, 'amount-negative'],
    [
      'a sum beyond all money',
      { ...order, items: priced(9_999_999_999.99, 1_000_000) },
      422,
      'amount-out-of-range',
    ],
    ['two prices of one item', { ...order, items: [...priced(1), ...priced(2)] }, 422, 'price-conflict'],
    [
      'too many pieces',
      { ...order, items: [...priced(1, 600_000), ...priced(1, 600_000)] },
      422,
      'quantity-too-large',
    ],
    [
      'too many items',
      { ...order, items: Array.from({ length: 501 }, (_, i) => ({ id: `${i}`, name: 'x' })) },
      422,
      'too-many-items',
    ],
    ['a version where nothing can be yet', { ...order, expectedVersion: 3 }, 409, 'wrong-expected-version'],
  ])('%s', async (_, body, status, type) => {
    const before = await api().logLength();
    expectProblem(await api().post(path, body), { status, type }, path);
    expect(await api().logLength()).toBe(before);
  });

  it('an id that an order has', async () => {
    const orderId = await api().order('paid', { orderId: `mine-${path.length}` });
    const before = await api().logLength();
    const answer = await api().post(path, { ...order, orderId });
    expectProblem(answer, { status: 409, type: 'order-already-exists' }, path);
    const pinned = await api().post(path, { ...order, orderId }, { 'if-match': '0' });
    expectProblem(pinned, { status: 412, type: 'wrong-expected-version' }, path);
    expect(pinned.json).toMatchObject({ expected: 0, actual: 2 });
    expect(await api().logLength()).toBe(before);
  });
});

describe('refusals of POST /orders', () => {
  const { api } = useOrderApi({}, { rateLimitPerMinute: 20 });

  it.each<[string, object, number, string]>([
    ['no items', { items: [] }, 400, 'invalid-request'],
    ['neither amount nor prices', { items: MACBOOK.items, amount: undefined }, 422, 'amount-required'],
    ['an amount that is not the sum', { items: priced(2), amount: 3 }, 422, 'amount-mismatch'],
    ['a negative amount', { amount: -5 }, 422, 'amount-negative'],
    ['an amount beyond all money', { amount: 1e15 }, 422, 'amount-out-of-range'],
  ])('%s', async (_, body, status, type) => {
    const before = await api().logLength();
    expectProblem(await api().post('/orders', { ...MACBOOK, ...body }), { status, type }, '/orders');
    expect(await api().logLength()).toBe(before);
  });

  it('too many requests, where a limit is set', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => api().post('/orders', MACBOOK)));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) expectProblem(answer, { status: 429, type: 'rate-limited' }, '/orders');
    expect(refused[0]?.headers).toHaveProperty('retry-after');
    expect(await api().logLength()).toBe(answers.length - refused.length);
  });
});

describe('an id of one’s own', () => {
  const { api } = useOrderApi();

  it.each(['...', 'a/b', 'a/../b', './x', '~', 'order', 'order_1', 'orders:1', '@', '-'])(
    'such as %s is in a Location that answers',
    async (orderId) => {
      const created = await api().post('/orders', { userId: 'u', items: priced(1), orderId });
      expect(created.status).toBe(201);
      const { pathname } = new URL(String(created.headers['location']), 'http://127.0.0.1');
      expect(await api().get(pathname)).toMatchObject({ status: 200, json: { orderId } });
    },
  );

  it('has no second name', async () => {
    await api().order('placed', { orderId: 'one' });
    const answer = await api().get('/orders/order:one');
    expectProblem(answer, { status: 400, type: 'invalid-request' }, '/orders/order:one');
    expect(JSON.stringify(answer.json)).toContain('the id is \\"one\\"');
  });
});
