import { canonicalId, fitsIntoPath } from '@headrace/event-schema';
import { z } from 'zod';
import { isMailAddress } from './mail-address.ts';
import { isCurrency } from './money/currencies.ts';
import { MAX_MINOR } from './money/money.ts';

// Building blocks of contracts. Every string is bounded, and optional fields are `exactOptional`: absent,
// never `undefined`, as JSON has it. No defaults and no transforms: data is stored as it was accepted.

/** What `sumToDecimal` makes of a sum, for answers. */
export const sumSchema = z.union([z.number(), z.string()]);

/** An aggregate's id; leaves room for the category in front of it in a stream name. */
export const aggregateIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9:_\-./@~]{1,200}$/)
  .refine(fitsIntoPath, { message: 'cannot be put into a path' });

/** An id in a category that is the only one of what it stands for: `1` of an order, not `order:1`. */
export function idSchemaOf(category: string) {
  return aggregateIdSchema.refine((id) => canonicalId(category, id) === id, {
    error: ({ input }) => `is the name of a stream; the id is "${canonicalId(category, String(input))}"`,
  });
}

/** Text that every reader can store: no NUL, which PostgreSQL refuses, and no half of a surrogate pair. */
const storable = (text: string): boolean => text.isWellFormed() && !text.includes('\0');
const NOT_STORABLE = { message: 'holds a NUL or half of a surrogate pair' };

/** An id that another system chose: a user, an item, an invoice. */
export const foreignIdSchema = z.string().min(1).max(200).refine(storable, NOT_STORABLE);

export const nameSchema = z.string().min(1).max(200).refine(storable, NOT_STORABLE);
export const textSchema = z.string().max(1000).refine(storable, NOT_STORABLE);

/**
 * One bare address that a mail can be sent to. What makes one is checked here and is no part of the JSON Schema, as
 * with currencies: addresses that were taken before stay in the log, and `isMailAddress` tells their readers.
 */
export const emailSchema = z
  .string()
  .max(254)
  .regex(/^[^\s@,;:<>()"[\]\\]+@[^\s@,;:<>()"[\]\\]+$/)
  .refine(isMailAddress, { message: 'is not a mail address such as ada@example.com (RFC 5321)' });

/** An active ISO 4217 code. The list is checked here but is no part of the JSON Schema, since it changes. */
export const currencySchema = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .refine(isCurrency, { message: 'not an ISO 4217 currency code' });

/** An amount of zero or more. */
export const moneySchema = z.strictObject({
  minor: z.int().min(0).max(MAX_MINOR),
  currency: currencySchema,
});
