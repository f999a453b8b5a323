import { fitsIntoPath } from '@headrace/event-schema';
import {
  foreignIdSchema,
  MAX_ITEM_QUANTITY,
  nameSchema,
  type OrderItem,
  orderIdSchema,
} from '@headrace/shop';
import { z } from 'zod';
import { moneyOf } from '../money.ts';

/**
 * A decimal number as people write it. Unlike `z.number()` it lets infinity through, which is what `JSON.parse`
 * makes of `1e999`: too large for money like 1e300, and refused for the same reason.
 */
export const decimalSchema = z
  .custom<number>((value) => typeof value === 'number' && !Number.isNaN(value), 'must be a number')
  .meta({ type: 'number' });

/** Whether it is a currency is a question of its value (422), not of its shape (400). */
export const currencyText = z.string().max(20).describe('ISO 4217 code in capitals');

/** Of the same currency as the order, else the command is refused. */
export const orderCurrency = currencyText
  .optional()
  .describe("ISO 4217 code; default and only choice the order's currency");

export const expectedVersion = z
  .int()
  .min(0)
  .optional()
  .describe('version that the order must be at; 409 with expected and actual otherwise');

export const orderPath = z.object({
  id: orderIdSchema.describe('order id, percent-encoded'),
});

export const itemPath = z.object({
  ...orderPath.shape,
  itemId: foreignIdSchema.describe('item id, percent-encoded'),
});

const itemFields = {
  id: foreignIdSchema.refine(fitsIntoPath, 'cannot be put into a path'),
  name: nameSchema,
  quantity: z.int().min(1).max(MAX_ITEM_QUANTITY).default(1),
  price: decimalSchema.optional().describe("price of one piece, in the order's currency"),
};

export const itemSchema = z.strictObject(itemFields);
export type ItemBody = z.output<typeof itemSchema>;

export const addItemBody = z
  .strictObject({ ...itemFields, currency: orderCurrency, expectedVersion })
  .meta({ examples: [{ id: 'item1', name: 'MacBook Pro', quantity: 1, price: 2499.99 }] });

/** @throws what `moneyOf` throws */
export function itemOf({ id, name, quantity, price }: ItemBody, currency: string): OrderItem {
  return { id, name, quantity, ...(price === undefined ? {} : { price: moneyOf(price, currency) }) };
}
