import { type OrderEvent, orderHistory } from '@headrace/shop';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { billed, orderEvents } from '../../test/order-events.ts';
import { bill } from './bill.ts';
import type { Invoice } from './invoice.ts';

// so that payments, refunds and their totals meet as often as they miss each other
const minor = fc.integer({ min: 0, max: 3 });
const order = orderEvents();
const usd = (amount: number) => ({ minor: amount, currency: 'USD' });
const owner = { orderId: 'o-1', userId: 'u-1' };
const paymentTerms = 'prepaid' as const;

const event: fc.Arbitrary<OrderEvent> = fc.oneof(
  fc.constant<OrderEvent>({ type: 'OrderCreated', data: { ...owner, currency: 'USD', paymentTerms } }),
  fc.constant<OrderEvent>({
    type: 'OrderItemAdded',
    data: { ...owner, item: { id: 'i', name: 'Lamp', quantity: 1, price: { minor: 1, currency: 'USD' } } },
  }),
  minor.map((amount) => orderEvents('o-1', amount).placed()),
  minor.map((amount) => order.paid(amount)),
  fc
    .tuple(fc.constantFrom('draft' as const, 'placed' as const, 'paid' as const), minor, minor)
    .map(([status, paid, refunded]) => order.cancelled(status, paid, refunded)),
  fc.tuple(minor, minor, minor, fc.boolean()).map(([paid, amount, total, full]): OrderEvent => {
    const money = { amount: usd(amount), paidAmount: usd(paid), refundedTotal: usd(total) };
    return { type: 'OrderRefunded', data: { ...owner, ...money, full, reason: 'broken' } };
  }),
  fc.constant<OrderEvent>({
    type: 'OrderShipped',
    data: { ...owner, amount: { minor: 1, currency: 'USD' }, paymentTerms, trackingNumber: 'T' },
  }),
);

/** As much of the events as the door lets in. */
function admitted(events: readonly OrderEvent[]): readonly OrderEvent[] {
  const { fold, contradiction } = orderHistory;
  let state = fold.initialState;
  return events.filter((next, i) => {
    if (contradiction(state, next) !== undefined) return false;
    const at = '2026-01-01T00:00:00.000Z';
    state = fold.evolve(state, next, { id: '', version: i + 1, occurredAt: at, recordedAt: at });
    return true;
  });
}

const BILLED = new Set(['OrderPlaced', 'PaymentReceived', 'OrderCancelled', 'OrderRefunded']);

it('what no history contradicts can be billed, whatever order it comes in', () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.array(event, { minLength: 4, maxLength: 30 }), (events) => {
      const taken = admitted(events).filter(({ type }) => BILLED.has(type));
      let invoice: Invoice | null = null;
      for (const next of billed(taken)) {
        kinds.add(next.type);
        invoice = bill(invoice, next, () => undefined).invoice;
      }
    }),
    { numRuns: 2_000 },
  );
  expect(kinds).toEqual(BILLED);
});
