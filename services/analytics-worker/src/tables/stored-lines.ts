import type { OrderLine } from '../facts/order-lines.ts';

/**
 * An order's line in `orders.lines`, JSON: product, currency, units, and revenue in minor units as text, since JSON
 * numbers are not exact enough. Without the name: it is there to be taken back, and names are not.
 */
export type StoredLine = readonly [productId: string, currency: string, units: number, revenue: string];

export function toStored(lines: readonly OrderLine[]): readonly StoredLine[] {
  return lines.map(({ productId, currency, units, revenue }) => [
    productId,
    currency,
    units,
    String(revenue),
  ]);
}

export function fromStored(stored: readonly StoredLine[]): readonly OrderLine[] {
  return stored.map(([productId, currency, units, revenue]) => ({
    ...{ productId, name: '', currency, units },
    revenue: BigInt(revenue),
  }));
}
