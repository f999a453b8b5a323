import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_MINOR } from '../money/money.ts';
import type { OrderEvent } from './contracts.ts';
import { type OrderState, orderFold } from './state.ts';

const orderId = 'o-1';
const userId = 'u-1';
const owner = { orderId, userId };
const usd = (minor: number) => ({ minor, currency: 'USD' });
const item = { id: 'book', name: 'A Book', quantity: 2, price: usd(1000) };

const placed: OrderEvent = {
  type: 'OrderPlaced',
  data: { ...owner, email: 'ada@example.com', items: [item], amount: usd(2000), paymentTerms: 'prepaid' },
};
const paid: OrderEvent = {
  type: 'PaymentReceived',
  data: { ...owner, amount: usd(2000), paymentMethod: 'card', paymentTerms: 'prepaid' },
};
const shipped: OrderEvent = {
  type: 'OrderShipped',
  data: { ...owner, amount: usd(2000), paymentTerms: 'prepaid', carrier: 'DHL', trackingNumber: 'T1' },
};
const refunded = (minor: number, total: number): OrderEvent => ({
  type: 'OrderRefunded',
  data: {
    ...owner,
    amount: usd(minor),
    paidAmount: usd(2000),
    refundedTotal: usd(total),
    full: total === 2000,
    reason: 'broken',
  },
});
const cancelled: OrderEvent = {
  type: 'OrderCancelled',
  data: {
    ...owner,
    previousStatus: 'paid',
    amount: usd(2000),
    paidAmount: usd(2000),
    refundedTotal: usd(0),
    paymentTerms: 'prepaid',
    reason: 'changed my mind',
    cancelledBy: userId,
  },
};
const created: OrderEvent = {
  type: 'OrderCreated',
  data: { ...owner, currency: 'USD', paymentTerms: 'on_account' },
};
const added = (id: string, quantity: number, minor?: number): OrderEvent => ({
  type: 'OrderItemAdded',
  data: { ...owner, item: { id, name: id, quantity, ...(minor === undefined ? {} : { price: usd(minor) }) } },
});

const yen = { minor: 5_000_000, currency: 'JPY' };
const foreign: readonly OrderEvent[] = [
  { type: 'OrderItemAdded', data: { ...owner, item: { ...item, id: 'yen', price: yen } } },
  {
    type: 'PaymentReceived',
    data: { ...owner, amount: yen, paymentMethod: 'card', paymentTerms: 'prepaid' },
  },
  {
    type: 'OrderRefunded',
    data: { ...owner, amount: yen, paidAmount: yen, refundedTotal: yen, full: true, reason: 'broken' },
  },
];

const dayOf = (version: number) => `2026-01-${String(version).padStart(2, '0')}T00:00:00.000Z`;

function foldFrom(state: OrderState | null, from: number, events: readonly OrderEvent[]): OrderState | null {
  return events.reduce((current, event, index) => {
    const version = from + index + 1;
    const recordedAt = '2026-12-31T00:00:00.000Z';
    const context = { id: `0-${version}-0`, version, occurredAt: dayOf(version), recordedAt };
    return orderFold.evolve(current, event, context);
  }, state);
}
const fold = (...events: readonly OrderEvent[]) => foldFrom(orderFold.initialState, 0, events);

describe('orderFold', () => {
  it('knows no order before its first event', () => {
    expect(fold()).toBeNull();
  });

  it('leaves out what is in another currency', () => {
    expect(fold(placed, ...foreign)).toEqual(fold(placed));
  });

  it('begins an old stream with OrderPlaced alone', () => {
    expect(fold(placed)).toStrictEqual({
      orderId,
      userId,
      status: 'placed',
      items: [item],
      amount: usd(2000),
      currency: 'USD',
      email: 'ada@example.com',
      paymentTerms: 'prepaid',
      paidAmount: usd(0),
      refundedAmount: usd(0),
      createdAt: dayOf(1),
      placedAt: dayOf(1),
      version: 1,
    });
  });

  it('follows an order to its delivery in business time', () => {
    const delivered: OrderEvent = { type: 'OrderDelivered', data: { ...owner, signature: 'Ada' } };
    expect(fold(placed, paid, shipped, delivered)).toMatchObject({
      status: 'delivered',
      paidAmount: usd(2000),
      paymentMethod: 'card',
      carrier: 'DHL',
      trackingNumber: 'T1',
      signature: 'Ada',
      placedAt: dayOf(1),
      paidAt: dayOf(2),
      shippedAt: dayOf(3),
      deliveredAt: dayOf(4),
      version: 4,
    });
  });

  it('sums the prices of a draft and adds up the pieces of one item', () => {
    const state = fold(created, added('book', 1, 1000), added('gift', 1), added('book', 2, 1000));
    expect(state).toMatchObject({ status: 'draft', amount: usd(3000), paymentTerms: 'on_account' });
    expect(state?.items.map(({ id, quantity }) => [id, quantity])).toEqual([
      ['book', 3],
      ['gift', 1],
    ]);
  });

  it('grows with what the order holds, and not with what happened to it', () => {
    const removed: OrderEvent = { type: 'OrderItemRemoved', data: { ...owner, itemId: 'book' } };
    const changes = (times: number) =>
      Array.from({ length: times }, () => [added('book', 1), removed]).flat();
    const { version: _, ...short } = fold(created, ...changes(1)) ?? {};
    const { version, ...long } = fold(created, ...changes(500)) ?? {};
    expect(version).toBe(1_001);
    expect(long).toStrictEqual(short);
  });

  it('takes a removed item out with all its pieces', () => {
    const removed: OrderEvent = { type: 'OrderItemRemoved', data: { ...owner, itemId: 'book' } };
    expect(fold(created, added('book', 3, 1000), removed)).toMatchObject({ items: [], amount: usd(0) });
  });

  it('keeps the time of creation, and takes the newest address, when a draft is placed', () => {
    const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { ...owner, amount: usd(2000) } };
    expect(fold(created, confirmed, placed)).toMatchObject({
      status: 'placed',
      email: 'ada@example.com',
      createdAt: dayOf(1),
      confirmedAt: dayOf(2),
      placedAt: dayOf(3),
    });
  });

  it('leaves an order on its way when it is paid on account', () => {
    expect(fold(placed, shipped, paid)).toMatchObject({ status: 'shipped', paidAt: dayOf(3) });
  });

  it('is refunded only when all of the payment went back', () => {
    expect(fold(placed, paid, refunded(500, 500))).toMatchObject({
      status: 'paid',
      refundedAmount: usd(500),
    });
    expect(fold(placed, paid, refunded(500, 500), refunded(1500, 2000))).toMatchObject({
      status: 'refunded',
    });
  });

  it('stays cancelled after its refund', () => {
    expect(fold(placed, paid, cancelled, refunded(2000, 2000))).toMatchObject({
      status: 'cancelled',
      refundedAmount: usd(2000),
      cancelReason: 'changed my mind',
      cancelledBy: userId,
    });
  });

  it('returns the very same state for an event that it does not know', () => {
    const state = fold(placed);
    const unknown = { type: 'OrderGiftWrapped', data: null } as unknown as OrderEvent;
    expect(foldFrom(state, 1, [unknown])).toBe(state);
    expect(fold(unknown)).toBeNull();
  });

  it('ignores what cannot begin an order', () => {
    expect(fold(paid, shipped)).toBeNull();
  });

  it('stops a sum at the limit of money instead of throwing', () => {
    const state = fold(created, added('yacht', 1_000_000, MAX_MINOR));
    expect(state?.amount).toEqual(usd(MAX_MINOR));
  });

  it('folds a split history like the whole, through a stored snapshot too', () => {
    const anyEvent = fc.constantFrom(
      created,
      placed,
      paid,
      shipped,
      cancelled,
      refunded(500, 500),
      refunded(1500, 2000),
      added('book', 1, 1000),
      added('gift', 2),
      { type: 'OrderItemRemoved', data: { ...owner, itemId: 'book' } } satisfies OrderEvent,
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.nat(20), (events, cut) => {
        const head = fold(...events.slice(0, cut));
        const snapshot: OrderState | null = JSON.parse(JSON.stringify(head));
        expect(snapshot).toStrictEqual(head);
        const tail = events.slice(cut);
        expect(foldFrom(snapshot, events.length - tail.length, tail)).toStrictEqual(fold(...events));
      }),
    );
  });
});
