import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderEvent } from './contracts.ts';
import { orderHistory } from './history.ts';
import type { OrderState } from './state.ts';

const owner = { orderId: 'o-1', userId: 'u-1' };
const usd = (minor: number) => ({ minor, currency: 'USD' });
const paymentTerms = 'prepaid' as const;

const created: OrderEvent = { type: 'OrderCreated', data: { ...owner, currency: 'USD', paymentTerms } };
const item = { id: 'book', name: 'A Book', quantity: 1, price: usd(2000) };
const itemAdded: OrderEvent = { type: 'OrderItemAdded', data: { ...owner, item } };
const placed: OrderEvent = {
  type: 'OrderPlaced',
  data: { ...owner, items: [item], amount: usd(2000), paymentTerms },
};
const paid = (minor = 2000): OrderEvent => ({
  type: 'PaymentReceived',
  data: { ...owner, amount: usd(minor), paymentMethod: 'card', paymentTerms },
});
const shipped: OrderEvent = {
  type: 'OrderShipped',
  data: { ...owner, amount: usd(2000), paymentTerms, trackingNumber: 'T1' },
};
const cancelled = (
  previousStatus: 'draft' | 'placed' | 'paid',
  paidMinor = previousStatus === 'paid' ? 2000 : 0,
  total = 0,
): OrderEvent => ({
  type: 'OrderCancelled',
  data: {
    ...owner,
    previousStatus,
    ...{ amount: usd(2000), paidAmount: usd(paidMinor), refundedTotal: usd(total) },
    ...{ paymentTerms, reason: 'changed my mind', cancelledBy: 'u-1' },
  },
});
const refunded = (minor: number, total: number, full = total === 2000, paidMinor = 2000): OrderEvent => ({
  type: 'OrderRefunded',
  data: {
    ...owner,
    ...{ amount: usd(minor), paidAmount: usd(paidMinor), refundedTotal: usd(total), full },
    reason: 'broken',
  },
});

/** Why the last of the events cannot follow on the others, which can. */
function whyNot(events: readonly OrderEvent[]): string | undefined {
  const { fold, contradiction } = orderHistory;
  let state = fold.initialState;
  for (const [i, event] of events.entries()) {
    const why = contradiction(state, event);
    if (i === events.length - 1) return why;
    expect(why).toBeUndefined();
    const at = '2026-01-01T00:00:00.000Z';
    state = fold.evolve(state, event, { id: '', version: i + 1, occurredAt: at, recordedAt: at });
  }
  return undefined;
}

describe('an order', () => {
  it.each<[string, readonly OrderEvent[]]>([
    [
      'placed, paid, shipped, refunded in parts',
      [placed, paid(), shipped, refunded(500, 500), refunded(1500, 2000)],
    ],
    ['a draft that is placed and cancelled', [created, itemAdded, placed, cancelled('placed')]],
    ['a draft that is cancelled', [created, cancelled('draft')]],
    ['shipped before it is paid', [placed, shipped, paid()]],
    ['refunded in part, then cancelled', [placed, paid(), refunded(500, 500), cancelled('paid', 2000, 500)]],
    ['cancelled, then refunded', [placed, paid(), cancelled('paid'), refunded(2000, 2000)]],
  ])('may be %s', (_, events) => {
    expect(whyNot(events)).toBeUndefined();
  });

  it.each<[string, readonly OrderEvent[]]>([
    ['the order was never created', [paid()]],
    ['the order was never created', [cancelled('draft')]],
    ['the order was created before', [placed, created]],
    ['the order was placed before', [placed, placed]],
    ['the order was placed before', [placed, itemAdded]],
    ['the order is cancelled', [created, cancelled('draft'), placed]],
    ['the order was never placed', [created, paid()]],
    ['the order was never placed', [created, shipped]],
    ['the order was never placed', [created, cancelled('placed')]],
    ['the order is no draft any more', [placed, cancelled('draft')]],
    ['the order was paid before', [placed, paid(), paid()]],
    ['the order is about 2000 minor units of USD, not 1 minor units of USD', [placed, paid(1)]],
    ['the order is cancelled', [placed, cancelled('placed'), paid()]],
    ['the order is cancelled', [placed, cancelled('placed'), shipped]],
    ['the order was cancelled before', [placed, cancelled('placed'), cancelled('placed')]],
    ['the order was never paid', [placed, refunded(1, 1)]],
    [
      '1500 minor units of USD can be given back, not 1501',
      [placed, paid(), refunded(500, 500), refunded(1501, 2001)],
    ],
    ['so refundedTotal cannot be 500', [placed, paid(), refunded(500, 500), refunded(500, 500)]],
    ['the order was paid', [placed, paid(), cancelled('placed', 2000)]],
    ['the order was never paid', [placed, shipped, cancelled('paid')]],
    ['2000 minor units of USD were paid, not 1 minor', [placed, paid(), cancelled('paid', 1)]],
    ['0 minor units of USD are given back, so refundedTotal', [placed, paid(), cancelled('paid', 2000, 5)]],
    ['2000 minor units of USD were paid, not 9 minor', [placed, paid(), refunded(1, 1, false, 9)]],
    ['the refund is full', [placed, paid(), refunded(2000, 2000, false)]],
    ['the refund is not full', [placed, paid(), refunded(1, 1, true)]],
    ['all that was paid was given back before', [placed, paid(), refunded(2000, 2000), cancelled('paid')]],
  ])('cannot be so: %s', (why, events) => {
    expect(whyNot(events)).toContain(why);
  });
});

function expectTrueStatus({ status, placedAt, cancelledAt, paidAmount, refundedAmount }: OrderState): void {
  expect(status === 'cancelled').toBe(cancelledAt !== undefined);
  expect(status === 'draft').toBe(placedAt === undefined && cancelledAt === undefined);
  const isGivenBack = refundedAmount.minor > 0 && refundedAmount.minor === paidAmount.minor;
  if (isGivenBack) expect(['draft', 'placed', 'paid']).not.toContain(status);
}

// by which the order service decides what may happen next
it('leaves the status of an order true to what has happened', () => {
  const { fold, contradiction } = orderHistory;
  const delivered: OrderEvent = { type: 'OrderDelivered', data: owner };
  const confirmed: OrderEvent = { type: 'OrderConfirmed', data: { ...owner, amount: usd(2000) } };
  const any = fc.constantFrom(
    ...[created, itemAdded, confirmed, placed, paid(), shipped, delivered, refunded(500, 500)],
    ...[refunded(2000, 2000), refunded(1500, 2000), refunded(2000, 2000, false), refunded(500, 500, true)],
    ...[cancelled('draft'), cancelled('placed'), cancelled('paid'), cancelled('paid', 2000, 500)],
  );
  fc.assert(
    fc.property(fc.array(any, { minLength: 3, maxLength: 20 }), (events) => {
      let state = fold.initialState;
      for (const event of events) {
        if (contradiction(state, event) !== undefined) continue;
        const at = '2026-01-01T00:00:00.000Z';
        state = fold.evolve(state, event, { id: '', version: 1, occurredAt: at, recordedAt: at });
        if (state !== null) expectTrueStatus(state);
      }
    }),
    { numRuns: 2_000 },
  );
});
