import { randomUUID } from 'node:crypto';

/** `data` of about 340 bytes of JSON, as an order's event has. */
export function orderData(index: number): Readonly<Record<string, unknown>> {
  return {
    orderId: `6f1c2d3e-0000-4000-8000-${String(index).padStart(12, '0')}`,
    customer: { id: `customer-${index % 1_000}`, email: `customer-${index % 1_000}@example.com` },
    items: [
      { sku: 'WATER-1L', name: 'Mineral water', quantity: 6, unitPriceCents: 89 },
      { sku: 'BREAD-RYE', name: 'Rye bread', quantity: 1, unitPriceCents: 349 },
    ],
    totalCents: 883,
    currency: 'EUR',
    note: 'Ring twice; leave it at the door',
  };
}

export const EVENT_TYPE = 'BenchHappened';

/** The name of a new stream. */
export function newStream(): string {
  return `bench:${randomUUID()}`;
}
