import type { EventEnvelope } from '@headrace/event-schema';
import { type OrderEvent, orderStream, shopRegistry } from '@headrace/shop';
import { type BilledEvent, billedEvent } from '../src/domain/events.ts';

export const ORDER_ID = 'o-1';
export const USER_ID = 'u-1';

const FIRST_MS = Date.parse('2026-01-15T14:00:00.000Z');

/** The data of every event of a 99.98 USD order, to be changed where a test needs it otherwise. */
export function orderEvents(orderId = ORDER_ID, minor = 9998, currency = 'USD') {
  const owner = { orderId, userId: USER_ID };
  const money = (amount: number) => ({ minor: amount, currency });
  const paymentTerms = 'prepaid' as const;
  const items = [
    { id: 'i-1', name: 'Lamp', quantity: 2, price: money(Math.floor(minor / 2)) },
    { id: 'i-2', name: 'Card', quantity: 1 },
  ];
  return {
    placed: (terms: 'prepaid' | 'on_account' = 'prepaid'): OrderEvent => ({
      type: 'OrderPlaced',
      data: { ...owner, items, amount: money(minor), paymentTerms: terms },
    }),
    paid: (amount = minor): OrderEvent => ({
      type: 'PaymentReceived',
      data: { ...owner, amount: money(amount), paymentMethod: 'card', paymentTerms },
    }),
    shipped: (): OrderEvent => ({
      type: 'OrderShipped',
      data: { ...owner, amount: money(minor), paymentTerms, trackingNumber: 'JD014600' },
    }),
    cancelled: (previousStatus: 'draft' | 'placed' | 'paid', paid = 0, refunded = 0): OrderEvent => ({
      type: 'OrderCancelled',
      data: {
        ...owner,
        previousStatus,
        amount: money(minor),
        paidAmount: money(paid),
        refundedTotal: money(refunded),
        paymentTerms,
        reason: 'changed my mind',
        cancelledBy: USER_ID,
      },
    }),
    refunded: (amount: number, total = amount): OrderEvent => ({
      type: 'OrderRefunded',
      data: {
        ...owner,
        amount: money(amount),
        paidAmount: money(minor),
        refundedTotal: money(total),
        full: total === minor,
        reason: 'broken',
      },
    }),
  };
}

/** A history as a reader of the log sees it; event n is recorded n seconds after 2026-01-15T14:00Z. */
export function enveloped(
  events: readonly OrderEvent[],
  stream = orderStream(ORDER_ID),
): readonly EventEnvelope[] {
  return events.map(({ type, data }, index) =>
    shopRegistry.decode({
      position: `3-${FIRST_MS + index * 1000}-0`,
      stream,
      version: index + 1,
      type,
      schemaVersion: shopRegistry.contractOf(type)?.versions.length ?? 1,
      data: JSON.stringify(data),
      meta: JSON.stringify({ correlationId: 'c-1' }),
    }),
  );
}

/** The same as billing reads it. */
export function billed(events: readonly OrderEvent[]): readonly BilledEvent[] {
  return enveloped(events).map(billedEvent);
}
