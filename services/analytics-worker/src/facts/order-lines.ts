import type { z } from 'zod';
import type { placedSchema } from './event-data.ts';

/** What an order has of one product in one currency. */
export interface OrderLine {
  readonly productId: string;
  readonly name: string;
  readonly currency: string;
  readonly units: number;
  /** Minor units; beyond the safe integers for large quantities of dear things. */
  readonly revenue: bigint;
}

/**
 * Sums up the items of an order by product and currency, so that an order counts once for a product it names
 * twice. An item without a price has the order's currency and no revenue. The name is the last one given.
 */
export function orderLines({ items, amount }: z.output<typeof placedSchema>): readonly OrderLine[] {
  const lines = new Map<string, OrderLine>();
  for (const { id, name, quantity, price } of items) {
    const currency = price?.currency ?? amount.currency;
    const key = `${currency} ${id}`;
    const before = lines.get(key);
    lines.set(key, {
      productId: id,
      name,
      currency,
      units: (before?.units ?? 0) + quantity,
      revenue: (before?.revenue ?? 0n) + BigInt(price?.minor ?? 0) * BigInt(quantity),
    });
  }
  return [...lines.values()];
}
