import type { EventEnvelope } from '@headrace/event-schema';
import type { GeneratedOrder } from './generated-orders.ts';

/** What a day adds up to; money in minor units. */
export type ExpectedDay = Readonly<Record<string, number>>;

const FIELDS: Readonly<Record<string, string>> = {
  OrderPlaced: 'ordersPlaced',
  OrderShipped: 'ordersShipped',
  OrderDelivered: 'ordersDelivered',
  OrderCancelled: 'ordersCancelled',
  PaymentReceived: 'revenue',
  OrderRefunded: 'refunds',
};

const NOTHING: ExpectedDay = Object.fromEntries(Object.values(FIELDS).map((field) => [field, 0]));

/** The daily summary straight from events, by `<day> <currency>`. */
export function expectedDays(orders: readonly GeneratedOrder[]): ReadonlyMap<string, ExpectedDay> {
  const days = new Map<string, ExpectedDay>();
  for (const { events, state } of orders) {
    if (!events.some(({ type }) => type === 'OrderPlaced')) continue;
    for (const event of events) addTo(days, event, `${event.occurredAt.slice(0, 10)} ${state?.currency}`);
  }
  return days;
}

function addTo(days: Map<string, ExpectedDay>, { type, data }: EventEnvelope, key: string): void {
  const field = FIELDS[type];
  if (field === undefined) return;
  const isMoney = field === 'revenue' || field === 'refunds';
  const { amount } = data as { readonly amount?: { readonly minor: number } };
  const day = days.get(key) ?? NOTHING;
  days.set(key, { ...day, [field]: (day[field] ?? 0) + (isMoney ? (amount?.minor ?? 0) : 1) });
}
