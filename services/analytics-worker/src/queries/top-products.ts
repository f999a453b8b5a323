import { sumToDecimal } from '@headrace/shop';
import { type Kysely, sql } from 'kysely';
import type { AnalyticsTables } from '../tables/tables.ts';
import type { TimeRange } from './range.ts';
import { inCurrency, within } from './read-snapshot.ts';

export interface TopProductsQuery {
  /** Whole days. */
  readonly range: TimeRange;
  readonly limit: number;
  readonly currency?: string | undefined;
}

export interface ProductRevenue {
  readonly currency: string;
  /** Decimal, as text beyond 15 digits; what was ordered at its price, paid or not. */
  readonly amount: number | string;
}

export interface TopProduct {
  readonly productId: string;
  /** As the latest order has it. */
  readonly name: string;
  readonly units: number;
  readonly orders: number;
  /** By currency code; only currencies in which the product had a price. */
  readonly revenue: readonly ProductRevenue[];
}

interface ProductRow {
  readonly product_id: string;
  readonly name: string;
  readonly units: string;
  readonly orders: string;
  /** Sums in minor units as text, by currency. */
  readonly revenue: Readonly<Record<string, string>>;
}

/**
 * The products with the most units in orders that were placed in a range and are not cancelled; among equals those
 * in more orders, then by id.
 */
export async function readTopProducts(
  db: Kysely<AnalyticsTables>,
  { range, limit, currency }: TopProductsQuery,
): Promise<readonly TopProduct[]> {
  // the name that the latest day has: the greatest pair of day and name
  const { rows } = await sql<ProductRow>`
    with sold as (
      select product_id, currency, sum(units) as units, sum(orders) as orders, sum(revenue) as revenue,
        max(array[to_char(day at time zone 'UTC', 'YYYYMMDD'), name]) as latest
      from product_days
      where ${within('day', range)} and ${inCurrency(currency)}
      group by product_id, currency
    )
    select product_id, (max(latest))[2] as name, sum(units) as units, sum(orders) as orders,
      json_object_agg(currency, revenue::text) as revenue
    from sold
    group by product_id
    having sum(orders) > 0
    order by sum(units) desc, sum(orders) desc, product_id
    limit ${limit}`.execute(db);
  return rows.map((row) => ({
    productId: row.product_id,
    name: row.name,
    units: Number(row.units),
    orders: Number(row.orders),
    revenue: revenueOf(row.revenue),
  }));
}

function revenueOf(sums: Readonly<Record<string, string>>): readonly ProductRevenue[] {
  return Object.entries(sums)
    .filter(([, minor]) => minor !== '0')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, minor]) => ({ currency, amount: sumToDecimal(BigInt(minor), currency) }));
}
