import { describe, expect, it } from 'vitest';
import { randomFacts } from '../../test/random-facts.ts';
import type { OrderFact, PlacedFact } from '../facts/order-fact.ts';
import { type BatchChanges, NO_CURRENCY, type TrackedOrder } from './changes.ts';
import { foldBatch } from './fold-batch.ts';

const NEW: ReadonlyMap<string, TrackedOrder> = new Map();
const AT_MS = Date.parse('2026-01-15T14:30:00Z');
const HOUR_MS = Date.parse('2026-01-15T14:00:00Z');
const DAY_MS = Date.parse('2026-01-15T00:00:00Z');
const CHOCOLATE = { productId: 'c', name: 'Chocolate', currency: 'CHF', units: 3, revenue: 600n };

function placed(stream: string, changes: Partial<PlacedFact> = {}): PlacedFact {
  const base = { kind: 'placed', stream, atMs: AT_MS, currency: 'CHF', userId: 'ann' } as const;
  return { ...base, lines: [CHOCOLATE], ...changes };
}
const later = (kind: 'shipped' | 'cancelled', stream: string): OrderFact => ({
  ...{ kind, stream, atMs: AT_MS + 60_000, currency: 'CHF' },
});
const money = (kind: 'paid' | 'refunded', minor: number): OrderFact => ({
  ...{ kind, stream: 's', atMs: AT_MS, currency: 'CHF', minor },
});

describe('a batch', () => {
  it('becomes one change for each row', () => {
    const changes = foldBatch(
      [placed('a'), placed('b'), placed('c', { userId: 'bob', currency: 'EUR' })],
      NEW,
    );
    expect(changes.hours).toMatchObject([
      { hourMs: HOUR_MS, currency: 'CHF', counts: { placed: 2, paid: 0 } },
      { hourMs: HOUR_MS, currency: 'EUR', counts: { placed: 1 } },
    ]);
    expect(changes.customers).toEqual([
      { hourMs: HOUR_MS, currency: 'CHF', userId: 'ann' },
      { hourMs: HOUR_MS, currency: 'EUR', userId: 'bob' },
    ]);
    expect(changes.products).toEqual([{ ...CHOCOLATE, dayMs: DAY_MS, units: 9, orders: 3, revenue: 1_800n }]);
  });

  it('keeps money received and money given back apart', () => {
    const [hour] = foldBatch([money('paid', 500), money('paid', 7), money('refunded', 100)], NEW).hours;
    expect(hour).toMatchObject({ payments: 507n, refunds: 100n, counts: { paid: 2, refunded: 1 } });
  });

  it('takes back from the products of the day it was placed what a cancelled order added, once', () => {
    const [order] = foldBatch([placed('a')], NEW).orders;
    expect(order).toBeDefined();
    const known = new Map(order === undefined ? [] : [['a', order]]);
    const atMs = AT_MS + 48 * 3_600_000;
    const cancel: OrderFact = { kind: 'cancelled', stream: 'a', currency: 'CHF', atMs };
    expect(foldBatch([cancel, cancel], known).products).toEqual([
      { ...CHOCOLATE, name: null, dayMs: DAY_MS, units: -3, orders: -1, revenue: -600n },
    ]);
  });

  it('takes the first placing and the first time of each stage', () => {
    const facts = [placed('a'), placed('a', { atMs: 0, lines: [] }), later('shipped', 'a')];
    const { orders, products } = foldBatch([...facts, { ...later('shipped', 'a'), atMs: 0 }], NEW);
    expect(orders).toMatchObject([{ placedAtMs: AT_MS, reachedMs: { shipped: AT_MS + 60_000 } }]);
    expect(products).toMatchObject([{ units: 3, orders: 1 }]);
  });

  it('counts a delivery in the currency of its order, or in none', () => {
    const delivered = (stream: string): OrderFact => ({ kind: 'delivered', stream, atMs: AT_MS });
    const { hours, orders } = foldBatch([placed('a'), delivered('a'), delivered('unknown')], NEW);
    expect(hours).toMatchObject([
      { currency: 'CHF', counts: { placed: 1, delivered: 1 } },
      { currency: NO_CURRENCY, counts: { placed: 0, delivered: 1 } },
    ]);
    expect(orders).toHaveLength(1);
  });
});

describe('a history', () => {
  it.each([1, 2, 3, 4, 5])('adds up to the same in pieces as whole, seed %i', (seed) => {
    const facts = randomFacts(seed, 60);
    const whole = totals([facts]);
    expect(whole.products.size).toBeGreaterThan(10);
    for (const size of [1, 2, 7, 50]) {
      const pieces = Array.from({ length: Math.ceil(facts.length / size) }, (_, piece) =>
        facts.slice(piece * size, (piece + 1) * size),
      );
      expect(totals(pieces)).toEqual(whole);
    }
  });
});

/** What the tables hold after these batches. */
function totals(batches: readonly (readonly OrderFact[])[]) {
  const orders = new Map<string, TrackedOrder>();
  const hours = new Map<string, readonly (number | bigint)[]>();
  const products = new Map<string, readonly (number | bigint)[]>();
  const customers = new Set<string>();
  for (const facts of batches) {
    const changes: BatchChanges = foldBatch(facts, orders);
    for (const order of changes.orders) orders.set(order.stream, order);
    for (const { hourMs, currency, counts, payments, refunds } of changes.hours) {
      add(hours, `${hourMs} ${currency}`, [...Object.values(counts), payments, refunds]);
    }
    for (const { dayMs, productId, currency, units, orders: count, revenue } of changes.products) {
      add(products, `${dayMs} ${productId} ${currency}`, [units, count, revenue]);
    }
    for (const customer of changes.customers) customers.add(JSON.stringify(customer));
  }
  return { orders, hours, products, customers: [...customers].sort() };
}

function add(
  into: Map<string, readonly (number | bigint)[]>,
  key: string,
  values: readonly (number | bigint)[],
): void {
  const before = into.get(key);
  into.set(
    key,
    values.map((value, index) => BigInt(value) + BigInt(before?.[index] ?? 0)),
  );
}
