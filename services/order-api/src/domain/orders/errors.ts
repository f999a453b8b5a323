import { defineRefusal, type Timeline } from '@headrace/event-schema';
import { type Money, type OrderStatus, type PaymentTerms, toDecimalText } from '@headrace/shop';

// Every refusal of an order command. `expected` is what the order has, `actual` what was given.

interface OfOrder {
  readonly orderId: string;
}
interface InStatus extends OfOrder {
  readonly orderStatus: OrderStatus;
}
interface Differing<Value> extends OfOrder {
  readonly expected: Value;
  readonly actual: Value;
}

export const OrderNotFoundError = defineRefusal({
  code: 'ORDER_NOT_FOUND',
  kind: 'not-found',
  title: 'Order not found',
  message: ({ orderId }: OfOrder) => `there is no order ${orderId}`,
});

/** A question about a time before the order's first event. */
export const OrderNotYetThereError = defineRefusal({
  code: 'ORDER_NOT_FOUND',
  kind: 'not-found',
  title: 'Order not found',
  message: ({ orderId, timeline }: OfOrder & { readonly timeline: Timeline }) =>
    timeline === 'recorded'
      ? `order ${orderId} had not been recorded by then; by=occurred asks in business time`
      : `order ${orderId} had not begun by then`,
  shows: ['orderId'],
});

export const ItemNotFoundError = defineRefusal({
  code: 'ITEM_NOT_FOUND',
  kind: 'not-found',
  title: 'Item not found',
  message: ({ orderId, itemId }: OfOrder & { readonly itemId: string }) =>
    `order ${orderId} has no item ${itemId}`,
});

export const OrderAlreadyExistsError = defineRefusal({
  code: 'ORDER_ALREADY_EXISTS',
  kind: 'state-forbids',
  title: 'Order exists already',
  message: ({ orderId }: OfOrder) => `order ${orderId} exists already`,
});

/** Items change, and confirming happens, in a draft only. */
export const OrderNotDraftError = defineRefusal({
  code: 'ORDER_NOT_DRAFT',
  kind: 'state-forbids',
  title: 'Order is no longer a draft',
  message: ({ orderId, orderStatus }: InStatus) => `order ${orderId} is ${orderStatus} and no longer a draft`,
});

export const EmptyOrderError = defineRefusal({
  code: 'EMPTY_ORDER',
  kind: 'state-forbids',
  title: 'Order has no items',
  message: ({ orderId }: OfOrder) => `order ${orderId} has no items`,
});

export const OrderNotPayableError = defineRefusal({
  code: 'ORDER_NOT_PAYABLE',
  kind: 'state-forbids',
  title: 'Order cannot be paid',
  message: ({ orderId, orderStatus }: InStatus) => `order ${orderId} is ${orderStatus} and cannot be paid`,
});

export const OrderAlreadyPaidError = defineRefusal({
  code: 'ORDER_ALREADY_PAID',
  kind: 'state-forbids',
  title: 'Order has been paid already',
  message: ({ orderId }: OfOrder) => `order ${orderId} has been paid already`,
});

export const OrderNotShippableError = defineRefusal({
  code: 'ORDER_NOT_SHIPPABLE',
  kind: 'state-forbids',
  title: 'Order cannot be shipped',
  message: ({ orderId, orderStatus }: InStatus & { readonly paymentTerms: PaymentTerms }) =>
    `order ${orderId} is ${orderStatus} and ${
      orderStatus === 'placed' ? 'has to be paid before it is shipped' : 'cannot be shipped'
    }`,
});

export const OrderNotDeliverableError = defineRefusal({
  code: 'ORDER_NOT_DELIVERABLE',
  kind: 'state-forbids',
  title: 'Order cannot be delivered',
  message: ({ orderId, orderStatus }: InStatus) =>
    `order ${orderId} is ${orderStatus}; only a shipped order can be delivered`,
});

export const OrderNotCancellableError = defineRefusal({
  code: 'ORDER_NOT_CANCELLABLE',
  kind: 'state-forbids',
  title: 'Order cannot be cancelled',
  message: ({ orderId, orderStatus }: InStatus) =>
    `order ${orderId} is ${orderStatus} and can no longer be cancelled`,
});

/** A refund before any payment. */
export const OrderNotPaidError = defineRefusal({
  code: 'ORDER_NOT_PAID',
  kind: 'state-forbids',
  title: 'Order has not been paid',
  message: ({ orderId }: InStatus) => `order ${orderId} has not been paid, so there is nothing to refund`,
});

export const NothingToRefundError = defineRefusal({
  code: 'NOTHING_TO_REFUND',
  kind: 'state-forbids',
  title: 'Nothing is left to refund',
  message: ({ orderId }: OfOrder) => `all that was paid for order ${orderId} has been refunded`,
});

/** `refundable` is what was paid and not yet refunded. */
export const RefundExceedsPaidError = defineRefusal({
  code: 'REFUND_EXCEEDS_PAID',
  kind: 'invalid-value',
  title: 'Refund exceeds what was paid',
  message: ({ requested, refundable }: OfOrder & { readonly requested: Money; readonly refundable: Money }) =>
    `a refund of ${shown(requested)} exceeds the ${shown(refundable)} that can be refunded`,
});

export const AmountMismatchError = defineRefusal({
  code: 'AMOUNT_MISMATCH',
  kind: 'invalid-value',
  title: 'Amount differs',
  message: ({ expected, actual }: Differing<Money>) =>
    `the amount must be ${shown(expected)}, not ${shown(actual)}`,
});

export const CurrencyMismatchError = defineRefusal({
  code: 'CURRENCY_MISMATCH',
  kind: 'invalid-value',
  title: 'Currency differs',
  message: ({ orderId, expected, actual }: Differing<string>) =>
    `order ${orderId} is in ${expected}, not ${actual}`,
});

/** No amount was given, and not every item has a price. */
export const AmountRequiredError = defineRefusal({
  code: 'AMOUNT_REQUIRED',
  kind: 'invalid-value',
  title: 'Amount required',
  message: (_: OfOrder) => 'an amount is required unless every item has a price',
});

/** A refund of zero or less. */
export const AmountNotPositiveError = defineRefusal({
  code: 'AMOUNT_NOT_POSITIVE',
  kind: 'invalid-value',
  title: 'Amount is not above zero',
  message: ({ actual }: OfOrder & { readonly actual: Money }) =>
    `the amount must be above zero, not ${shown(actual)}`,
});

/** The same item with two prices, or with and without one. */
export const PriceConflictError = defineRefusal({
  code: 'PRICE_CONFLICT',
  kind: 'invalid-value',
  title: 'Item is in the order at another price',
  message: ({ itemId, expected, actual }: Differing<Money | undefined> & { readonly itemId: string }) =>
    `item ${itemId} is in the order with ${price(expected)}, not with ${price(actual)}`,
});

export const TooManyItemsError = defineRefusal({
  code: 'TOO_MANY_ITEMS',
  kind: 'invalid-value',
  title: 'Too many items',
  message: ({ limit }: OfOrder & { readonly limit: number }) =>
    `an order holds at most ${limit} different items`,
});

export const QuantityTooLargeError = defineRefusal({
  code: 'QUANTITY_TOO_LARGE',
  kind: 'invalid-value',
  title: 'Quantity too large',
  message: ({ itemId, limit }: OfOrder & { readonly itemId: string; readonly limit: number }) =>
    `an order holds at most ${limit} pieces of item ${itemId}`,
});

function shown(money: Money): string {
  return `${toDecimalText(money)} ${money.currency}`;
}

function price(money: Money | undefined): string {
  return money === undefined ? 'no price' : `price ${shown(money)}`;
}
