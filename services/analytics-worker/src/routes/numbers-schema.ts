import { sumSchema } from '@headrace/shop';
import { z } from 'zod';

const count = z.int().min(0);
const counts = {
  placed: count,
  paid: count,
  shipped: count,
  delivered: count,
  cancelled: count.describe('without drafts, which were never placed'),
  refunded: count.describe('refunds, each part of one order counted'),
};

/** The numbers of some time, as `Numbers` has them; every event counts in the hour in which it happened. */
export const numbers = {
  counts: z.object(counts).describe('events, over all currencies'),
  uniqueCustomers: count.describe('different customers who placed an order'),
  byCurrency: z
    .array(
      z.object({
        currency: z.string().describe('XXX for a delivery of an order that was never seen placed'),
        ...counts,
        payments: sumSchema.describe(
          'money received, in decimal units of the currency; text beyond 15 digits',
        ),
        refunds: sumSchema.describe('money given back'),
        net: sumSchema.describe('payments less refunds'),
      }),
    )
    .readonly()
    .describe('only currencies in which something happened, by code'),
};

/** For the documentation. */
export const numbersExample = {
  counts: { placed: 3, paid: 2, shipped: 1, delivered: 1, cancelled: 1, refunded: 1 },
  uniqueCustomers: 2,
  byCurrency: [
    {
      currency: 'USD',
      ...{ placed: 3, paid: 2, shipped: 1, delivered: 1, cancelled: 1, refunded: 1 },
      payments: 2599.98,
      refunds: 99.99,
      net: 2499.99,
    },
  ],
};
