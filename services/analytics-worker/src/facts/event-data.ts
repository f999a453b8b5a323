import { z } from 'zod';

// Only the fields that are counted, and looser than the contracts that writers must satisfy: old events may carry
// a currency that has been withdrawn since, and must still be counted.

/** PostgreSQL's text holds neither NUL nor half a surrogate pair. */
const text = z.string().transform((value) => value.toWellFormed().replaceAll('\0', '\uFFFD'));
const currency = z.string().regex(/^[A-Z]{3}$/);
const money = z.object({ minor: z.int().min(0), currency });

export const placedSchema = z.object({
  userId: text,
  amount: money,
  items: z.array(
    z.object({
      id: text,
      name: text,
      quantity: z.int().min(1),
      price: money.optional(),
    }),
  ),
});

export const amountSchema = z.object({ amount: money });

export const cancelledSchema = z.object({ amount: money, previousStatus: z.string() });
