import { isDeepStrictEqual } from 'node:util';
import { toDecimal } from '@headrace/shop';
import type { Evidence, ProductRow } from '../evidence/evidence.ts';
import { type OrderEnvelope, orderEventsOf } from './log.ts';

const counted = {
  placed: 'OrderPlaced',
  paid: 'PaymentReceived',
  shipped: 'OrderShipped',
  delivered: 'OrderDelivered',
  cancelled: 'OrderCancelled',
  refunded: 'OrderRefunded',
} as const;

/** The numbers of analytics are those of a recount of the log. */
export function checkNumbers(evidence: Pick<Evidence, 'log' | 'summary' | 'products'>): readonly string[] {
  const byStream = Map.groupBy(orderEventsOf(evidence), ({ stream }) => stream);
  // A draft is not an order, also if it was cancelled.
  const placed = [...byStream.values()].filter((events) => events.some(({ type }) => type === 'OrderPlaced'));
  const expected = { from: null, to: null, ...recount(placed) };
  const violations: string[] = [];
  if (!isDeepStrictEqual(evidence.summary, expected)) {
    const said = JSON.stringify(evidence.summary);
    violations.push(`analytics say ${said}, a recount of the log ${JSON.stringify(expected)}`);
  }
  const byName = (a: ProductRow, b: ProductRow): number => (keyOf(a) < keyOf(b) ? -1 : 1);
  const products = evidence.products.filter(({ orders }) => orders !== 0).toSorted(byName);
  const sold = recountProducts(placed).toSorted(byName);
  if (!isDeepStrictEqual(JSON.stringify(products), JSON.stringify(sold)))
    violations.push(`analytics sold ${JSON.stringify(products)}, by the log ${JSON.stringify(sold)}`);
  return violations;
}

function recount(orders: readonly (readonly OrderEnvelope[])[]): object {
  const currencies = [...Map.groupBy(orders, currencyOf)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    counts: countsOf(orders),
    uniqueCustomers: new Set(orders.map(([first]) => first?.data.userId)).size,
    byCurrency: currencies.map(([currency, some]) => {
      const payments = sumOf(some, 'PaymentReceived');
      const refunds = sumOf(some, 'OrderRefunded');
      const decimal = (minor: number): number => toDecimal({ minor, currency });
      return {
        currency,
        ...countsOf(some),
        payments: decimal(payments),
        refunds: decimal(refunds),
        net: decimal(payments - refunds),
      };
    }),
  };
}

function currencyOf(events: readonly OrderEnvelope[]): string {
  const placed = events.find((event) => event.type === 'OrderPlaced');
  return placed?.type === 'OrderPlaced' ? placed.data.amount.currency : '';
}

function countsOf(orders: readonly (readonly OrderEnvelope[])[]): Readonly<Record<string, number>> {
  const count = (wanted: string): number => orders.flat().filter(({ type }) => type === wanted).length;
  return Object.fromEntries(Object.entries(counted).map(([name, type]) => [name, count(type)]));
}

function sumOf(
  orders: readonly (readonly OrderEnvelope[])[],
  type: 'PaymentReceived' | 'OrderRefunded',
): number {
  return orders.flat().reduce((sum, event) => sum + (event.type === type ? event.data.amount.minor : 0), 0);
}

function recountProducts(orders: readonly (readonly OrderEnvelope[])[]): ProductRow[] {
  const sold = orders.filter((events) => !events.some(({ type }) => type === 'OrderCancelled'));
  const lines = sold.flatMap((events) =>
    events.flatMap((event) => {
      if (event.type !== 'OrderPlaced') return [];
      const { amount, items } = event.data;
      return items.map((item) => ({ ...item, currency: amount.currency }));
    }),
  );
  const byProduct = Map.groupBy(lines, ({ id, currency }) => `${id}/${currency}`);
  return [...byProduct.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const units = some.reduce((sum, { quantity }) => sum + quantity, 0);
    // An item without a price is counted as sold, and adds nothing to the revenue.
    const revenue = some.reduce((sum, { quantity, price }) => sum + quantity * (price?.minor ?? 0), 0);
    return [{ product_id: first.id, currency: first.currency, units, orders: some.length, revenue }];
  });
}

function keyOf({ product_id: id, currency }: ProductRow): string {
  return `${id}/${currency}`;
}
