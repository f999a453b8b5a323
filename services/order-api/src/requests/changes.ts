import { foreignIdSchema, knownCurrency, nameSchema, type OrderState, textSchema } from '@headrace/shop';
import { z } from 'zod';
import type {
  AddItem,
  CancelOrder,
  ConfirmOrder,
  DeliverOrder,
  PayOrder,
  RefundOrder,
  RemoveItem,
  ShipOrder,
} from '../domain/orders/commands.ts';
import { CurrencyMismatchError } from '../domain/orders/errors.ts';
import { moneyOf } from '../money.ts';
import { type addItemBody, decimalSchema, expectedVersion, itemOf, orderCurrency } from './fields.ts';

/** What of an order is needed to read a request about it: an amount without a currency is in the order's. */
export type OrderAsked = Pick<OrderState, 'orderId' | 'currency'>;

const reasonText = textSchema.min(1);

export const confirmBody = z
  .strictObject({
    amount: decimalSchema
      .optional()
      .describe('required unless every item has a price; if given beside prices, it must be their sum'),
    currency: orderCurrency,
    expectedVersion,
  })
  .meta({ examples: [{}, { amount: 2499.99 }] });

export const paymentBody = z
  .strictObject({
    paymentMethod: nameSchema,
    amount: decimalSchema.describe('exactly what the order comes to'),
    currency: orderCurrency,
    expectedVersion,
  })
  .meta({ examples: [{ paymentMethod: 'credit_card', amount: 2499.99 }] });

export const shipBody = z
  .strictObject({ carrier: nameSchema.optional(), trackingNumber: nameSchema, expectedVersion })
  .meta({ examples: [{ carrier: 'UPS', trackingNumber: '1Z999AA10123456784' }] });

export const deliverBody = z
  .strictObject({ signature: textSchema.optional(), expectedVersion })
  .meta({ examples: [{ signature: 'J. Doe' }] });

export const cancelBody = z
  .strictObject({
    reason: reasonText,
    userId: foreignIdSchema.describe('who cancels: the customer, a clerk, a service'),
    expectedVersion,
  })
  .meta({ examples: [{ reason: 'Ordered by mistake', userId: 'user789' }] });

export const refundBody = z
  .strictObject({
    amount: decimalSchema.describe('above zero, up to what was paid and not yet refunded'),
    reason: reasonText,
    currency: orderCurrency,
    expectedVersion,
  })
  .meta({ examples: [{ amount: 100, reason: 'Scratched lid' }] });

// Each turns a body into the command for one order. Those with a currency throw what `moneyOf` and
// `currencyOf` throw.

/** @throws UnknownCurrencyError, CurrencyMismatchError */
function currencyOf(given: string | undefined, { orderId, currency }: OrderAsked): string {
  if (given === undefined || given === currency) return currency;
  throw new CurrencyMismatchError({ orderId, expected: currency, actual: knownCurrency(given) });
}

export function addItem(body: z.output<typeof addItemBody>, order: OrderAsked): AddItem {
  return { type: 'AddItem', orderId: order.orderId, item: itemOf(body, currencyOf(body.currency, order)) };
}

/** Takes all pieces of the item out. */
export function removalOf(itemId: string) {
  return (_body: object, order: OrderAsked): RemoveItem => ({
    type: 'RemoveItem',
    orderId: order.orderId,
    itemId,
  });
}

export function confirmOrder(body: z.output<typeof confirmBody>, order: OrderAsked): ConfirmOrder {
  const { amount } = body;
  const currency = currencyOf(body.currency, order);
  return {
    type: 'ConfirmOrder',
    orderId: order.orderId,
    amount: amount === undefined ? undefined : moneyOf(amount, currency),
  };
}

export function payOrder(body: z.output<typeof paymentBody>, order: OrderAsked): PayOrder {
  const amount = moneyOf(body.amount, currencyOf(body.currency, order));
  return { type: 'PayOrder', orderId: order.orderId, amount, paymentMethod: body.paymentMethod };
}

export function shipOrder(
  { carrier, trackingNumber }: z.output<typeof shipBody>,
  order: OrderAsked,
): ShipOrder {
  return { type: 'ShipOrder', orderId: order.orderId, carrier, trackingNumber };
}

export function deliverOrder({ signature }: z.output<typeof deliverBody>, order: OrderAsked): DeliverOrder {
  return { type: 'DeliverOrder', orderId: order.orderId, signature };
}

export function cancelOrder({ reason, userId }: z.output<typeof cancelBody>, order: OrderAsked): CancelOrder {
  return { type: 'CancelOrder', orderId: order.orderId, reason, userId };
}

export function refundOrder(body: z.output<typeof refundBody>, order: OrderAsked): RefundOrder {
  const amount = moneyOf(body.amount, currencyOf(body.currency, order));
  return { type: 'RefundOrder', orderId: order.orderId, amount, reason: body.reason };
}
