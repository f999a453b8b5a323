import type { OrderFact, PlacedFact } from '../facts/order-fact.ts';
import type { OrderLine } from '../facts/order-lines.ts';
import { dayOf, hourOf } from '../facts/times.ts';
import {
  type BatchChanges,
  type CustomerHour,
  type HourChange,
  NO_CURRENCY,
  type ProductChange,
  type Stage,
  type TrackedOrder,
} from './changes.ts';

interface Batch {
  readonly known: ReadonlyMap<string, TrackedOrder>;
  readonly orders: Map<string, TrackedOrder>;
  readonly hours: Map<string, HourChange>;
  readonly customers: Map<string, CustomerHour>;
  readonly products: Map<string, ProductChange>;
}

const NONE = { placed: 0, paid: 0, shipped: 0, delivered: 0, cancelled: 0, refunded: 0 };

/**
 * Folds facts, in order, into the rows they change. Counts and revenue are of events. Stages and products are
 * of orders: one exists from the first time it is placed, and reaches each stage once; a cancelled one takes back
 * what it added to its products. Folding a history in pieces adds up to the same as folding it whole.
 * @param known the orders placed before this batch, by stream
 */
export function foldBatch(
  facts: readonly OrderFact[],
  known: ReadonlyMap<string, TrackedOrder>,
): BatchChanges {
  const batch: Batch = {
    known,
    orders: new Map(),
    hours: new Map(),
    customers: new Map(),
    products: new Map(),
  };
  for (const fact of facts) {
    countEvent(batch, fact);
    if (fact.kind === 'placed') place(batch, fact);
    else reach(batch, fact.kind, fact);
  }
  return {
    orders: [...batch.orders.values()],
    hours: [...batch.hours.values()],
    customers: [...batch.customers.values()],
    products: [...batch.products.values()],
  };
}

function orderOf({ orders, known }: Batch, stream: string): TrackedOrder | undefined {
  return orders.get(stream) ?? known.get(stream);
}

function countEvent(batch: Batch, fact: OrderFact): void {
  const { kind, stream, atMs } = fact;
  const hourMs = hourOf(atMs);
  const currency =
    fact.kind === 'delivered' ? (orderOf(batch, stream)?.currency ?? NO_CURRENCY) : fact.currency;
  const key = `${hourMs} ${currency}`;
  const { counts, payments, refunds } = batch.hours.get(key) ?? { counts: NONE, payments: 0n, refunds: 0n };
  batch.hours.set(key, {
    hourMs,
    currency,
    counts: { ...counts, [kind]: counts[kind] + 1 },
    payments: fact.kind === 'paid' ? payments + BigInt(fact.minor) : payments,
    refunds: fact.kind === 'refunded' ? refunds + BigInt(fact.minor) : refunds,
  });
}

function place(batch: Batch, { stream, atMs, currency, userId, lines }: PlacedFact): void {
  if (orderOf(batch, stream) !== undefined) return;
  batch.orders.set(stream, { stream, currency, placedAtMs: atMs, reachedMs: {}, lines });
  const hourMs = hourOf(atMs);
  batch.customers.set(`${hourMs} ${currency} ${userId}`, { hourMs, currency, userId });
  for (const line of lines) addToProduct(batch, dayOf(atMs), line, 1);
}

function reach(batch: Batch, stage: Stage, { stream, atMs }: OrderFact): void {
  const order = orderOf(batch, stream);
  if (order === undefined || order.reachedMs[stage] !== undefined) return;
  batch.orders.set(stream, { ...order, reachedMs: { ...order.reachedMs, [stage]: atMs } });
  if (stage !== 'cancelled') return;
  for (const line of order.lines) addToProduct(batch, dayOf(order.placedAtMs), line, -1);
}

function addToProduct(batch: Batch, dayMs: number, line: OrderLine, sign: 1 | -1): void {
  const { productId, currency } = line;
  const key = `${dayMs} ${currency} ${productId}`;
  const before = batch.products.get(key);
  batch.products.set(key, {
    dayMs,
    productId,
    currency,
    name: sign === 1 ? line.name : (before?.name ?? null),
    units: (before?.units ?? 0) + sign * line.units,
    orders: (before?.orders ?? 0) + sign,
    revenue: (before?.revenue ?? 0n) + BigInt(sign) * line.revenue,
  });
}
