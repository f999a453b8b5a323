import {
  emailSchema,
  foreignIdSchema,
  knownCurrency,
  orderIdSchema,
  paymentTermsSchema,
} from '@headrace/shop';
import { z } from 'zod';
import type { CreateDraft, PlaceOrder } from '../domain/orders/commands.ts';
import { moneyOf } from '../money.ts';
import { currencyText, decimalSchema, expectedVersion, itemOf, itemSchema } from './fields.ts';

// The parsed body of a keyed creation is fingerprinted for good. A field that is added later must therefore be
// optional without a default, or late repeats would look like other requests.

const newOrder = {
  userId: foreignIdSchema,
  email: emailSchema.optional().describe('where mail about this order goes; no mail without it'),
  currency: currencyText.default('USD'),
  paymentTerms: paymentTermsSchema
    .default('prepaid')
    .describe('`on_account` may be shipped before it is paid'),
  orderId: orderIdSchema
    .optional()
    .describe('an id of your own that no order has yet; default a UUID, with an Idempotency-Key made of it'),
  expectedVersion,
};

export const placeOrderBody = z
  .strictObject({
    ...newOrder,
    items: z.array(itemSchema).min(1),
    amount: decimalSchema
      .optional()
      .describe('required unless every item has a price; if given beside prices, it must be their sum'),
  })
  .meta({
    examples: [
      {
        userId: 'user789',
        items: [{ id: 'item1', name: 'MacBook Pro' }],
        amount: 2499.99,
        email: 'user@example.com',
      },
      {
        userId: 'user789',
        items: [
          { id: 'pen', name: 'Pen', quantity: 3, price: 1.5 },
          { id: 'ink', name: 'Ink', price: 8.2 },
        ],
        currency: 'EUR',
        paymentTerms: 'on_account',
      },
    ],
  });

export const createDraftBody = z
  .strictObject({ ...newOrder, items: z.array(itemSchema).default([]) })
  .meta({ examples: [{ userId: 'user789', email: 'user@example.com', currency: 'USD' }] });

/** @throws what `moneyOf` throws */
export function placeOrder(body: z.output<typeof placeOrderBody>, orderId: string): PlaceOrder {
  const { userId, email, paymentTerms, items, amount } = body;
  const currency = knownCurrency(body.currency);
  return {
    type: 'PlaceOrder',
    orderId,
    userId,
    items: items.map((item) => itemOf(item, currency)),
    amount: amount === undefined ? undefined : moneyOf(amount, currency),
    currency,
    email,
    paymentTerms,
  };
}

/** @throws what `moneyOf` throws */
export function createDraft(body: z.output<typeof createDraftBody>, orderId: string): CreateDraft {
  const { userId, email, paymentTerms, items } = body;
  const currency = knownCurrency(body.currency);
  return {
    type: 'CreateDraft',
    orderId,
    userId,
    currency,
    items: items.map((item) => itemOf(item, currency)),
    email,
    paymentTerms,
  };
}
