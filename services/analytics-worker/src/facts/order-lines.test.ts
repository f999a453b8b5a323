import { expect, it } from 'vitest';
import { orderLines } from './order-lines.ts';

const usd = (minor: number) => ({ minor, currency: 'USD' });

it('sums up what an order names twice, by currency, and keeps the last name', () => {
  const lines = orderLines({
    userId: 'u',
    amount: usd(0),
    items: [
      { id: 'a', name: 'Old', quantity: 2, price: usd(10) },
      { id: 'b', name: 'B', quantity: 1 },
      { id: 'a', name: 'New', quantity: 1, price: usd(30) },
      { id: 'a', name: 'Abroad', quantity: 1, price: { minor: 7, currency: 'JPY' } },
    ],
  });
  expect(lines).toEqual([
    { productId: 'a', name: 'New', currency: 'USD', units: 3, revenue: 50n },
    { productId: 'b', name: 'B', currency: 'USD', units: 1, revenue: 0n },
    { productId: 'a', name: 'Abroad', currency: 'JPY', units: 1, revenue: 7n },
  ]);
});

it('stays exact beyond the safe integers', () => {
  const items = [{ id: 'a', name: 'A', quantity: 1_000_000, price: usd(999_999_999_999_999) }];
  expect(orderLines({ userId: 'u', amount: usd(0), items })[0]?.revenue).toBe(999_999_999_999_999_000_000n);
});
