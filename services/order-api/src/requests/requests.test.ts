import { describe, expect, it } from 'vitest';
import { addItem, confirmOrder, payOrder, refundBody, refundOrder, removalOf } from './changes.ts';
import { createDraft, createDraftBody, placeOrder, placeOrderBody } from './creation.ts';
import { addItemBody } from './fields.ts';
import { historyQuery, nextQuery, pointOf, stateQuery } from './time-travel.ts';

const usd = (minor: number) => ({ minor, currency: 'USD' });
const order = { orderId: 'o-1', currency: 'USD' };
const example = {
  userId: 'user789',
  items: [{ id: 'item1', name: 'MacBook Pro' }],
  amount: 2499.99,
  email: 'user@example.com',
};

const codeOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
};

describe('creations', () => {
  it('place the example, in dollars unless told otherwise', () => {
    expect(placeOrder(placeOrderBody.parse(example), 'o-1')).toEqual({
      type: 'PlaceOrder',
      orderId: 'o-1',
      userId: 'user789',
      items: [{ id: 'item1', name: 'MacBook Pro', quantity: 1 }],
      amount: usd(249_999),
      currency: 'USD',
      email: 'user@example.com',
      paymentTerms: 'prepaid',
    });
  });

  it('read prices in the currency of the order', () => {
    const items = [{ id: 'a', name: 'A', quantity: 2, price: 1.234 }];
    const body = placeOrderBody.parse({ ...example, items, amount: undefined, currency: 'KWD' });
    expect(placeOrder(body, 'o-1')).toMatchObject({
      items: [{ price: { minor: 1234, currency: 'KWD' } }],
      amount: undefined,
      currency: 'KWD',
    });
  });

  it('open an empty draft', () => {
    const { items, ...command } = createDraft(createDraftBody.parse({ userId: 'u' }), 'o-1');
    expect(items).toEqual([]);
    expect(command).toMatchObject({ type: 'CreateDraft', currency: 'USD', paymentTerms: 'prepaid' });
  });

  it.each([
    ['TOO_MANY_DECIMALS', { amount: 0.001 }],
    ['TOO_MANY_DECIMALS', { amount: 1.5, currency: 'JPY' }],
    ['AMOUNT_NEGATIVE', { amount: -0.01 }],
    ['AMOUNT_OUT_OF_RANGE', { amount: 1e300 }],
    ['AMOUNT_OUT_OF_RANGE', { amount: Number.POSITIVE_INFINITY }],
    ['AMOUNT_NEGATIVE', { amount: Number.NEGATIVE_INFINITY }],
    ['UNKNOWN_CURRENCY', { currency: 'XXQ' }],
    ['UNKNOWN_CURRENCY', { currency: 'XXQ', amount: undefined }],
    [undefined, { amount: 0 }],
    [undefined, { amount: 19.99 }],
  ])('%s for %j', (code, changes) => {
    expect(codeOf(() => placeOrder(placeOrderBody.parse({ ...example, ...changes }), 'o-1'))).toBe(code);
  });

  it.each([
    { amount: '5' },
    { amount: null },
    { amount: Number.NaN },
    { items: [] },
    { items: [{ id: 'a' }] },
  ])('do not take %j', (changes) => {
    expect(placeOrderBody.safeParse({ ...example, ...changes }).success).toBe(false);
  });
});

describe('changes', () => {
  it('read an amount without a currency in the order’s', () => {
    const yen = { orderId: 'o-1', currency: 'JPY' };
    expect(payOrder({ paymentMethod: 'card', amount: 500 }, yen).amount).toEqual({
      minor: 500,
      currency: 'JPY',
    });
    expect(refundOrder(refundBody.parse({ amount: 1.5, reason: 'r' }), order).amount).toEqual(usd(150));
    expect(confirmOrder({}, order).amount).toBeUndefined();
    expect(addItem(addItemBody.parse({ id: 'a', name: 'A', price: 2 }), order).item).toEqual({
      id: 'a',
      name: 'A',
      quantity: 1,
      price: usd(200),
    });
  });

  it('refuse another currency, even where no amount is given', () => {
    const eur = { currency: 'EUR' };
    expect(codeOf(() => confirmOrder(eur, order))).toBe('CURRENCY_MISMATCH');
    expect(codeOf(() => addItem(addItemBody.parse({ id: 'a', name: 'A', ...eur }), order))).toBe(
      'CURRENCY_MISMATCH',
    );
    expect(codeOf(() => payOrder({ paymentMethod: 'c', amount: 1, currency: 'XXQ' }, order))).toBe(
      'UNKNOWN_CURRENCY',
    );
  });

  it('name the item to remove', () => {
    expect(removalOf('a')({}, order)).toEqual({ type: 'RemoveItem', orderId: 'o-1', itemId: 'a' });
  });
});

describe('time travel', () => {
  it('names one point', () => {
    expect(pointOf(stateQuery.parse({}))).toBeUndefined();
    expect(pointOf(stateQuery.parse({ version: '3' }))).toEqual({ version: 3 });
    expect(pointOf(stateQuery.parse({ at: '2026-01-15T14:00:00Z' }))).toEqual({ ms: 1768485600000 });
    expect(codeOf(() => pointOf({ version: 1, at: 1 }))).toBe('REQUEST_INVALID');
  });

  it('names a range of versions, of times, or of both', () => {
    const time = '2026-01-15T16:00:00+02:00';
    const ms = 1768485600000;
    expect(historyQuery.parse({})).toEqual({});
    expect(historyQuery.parse({ from: '2', to: time })).toEqual({ from: { version: 2 }, to: { ms } });
    expect(historyQuery.parse({ from: time, to: '5' })).toEqual({ from: { ms }, to: { version: 5 } });
  });

  it('goes on with a page of the same end and size', () => {
    const next = (query: object) => nextQuery(historyQuery.parse(query), 7);
    expect(next({ from: '2026-01-15T14:00:00Z' })).toBe('?from=7&limit=1000');
    expect(next({ from: '2', to: '9', limit: '5' })).toBe('?from=7&to=9&limit=5');
    const time = '2026-01-15T14:00:00.000Z';
    const { searchParams } = new URL(next({ to: '2026-01-15T16:00:00+02:00' }), 'http://localhost');
    expect(searchParams.get('to')).toBe(time);
  });

  it.each(['0', '-1', '1.5', '1e3', '', ' 1', '2026-01-15', '2026-13-01T00:00:00Z', 'now'])(
    'does not take "%s"',
    (text) => {
      expect(historyQuery.safeParse({ from: text }).success).toBe(false);
    },
  );
});
