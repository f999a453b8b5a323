import { DomainError, type Timeline } from '@headrace/event-schema';
import { type Money, type OrderStatus, type PaymentTerms, toDecimalText } from '@headrace/shop';

/** Base of every refusal of an order command. */
export abstract class OrderError extends DomainError {
  readonly orderId: string;
  constructor(orderId: string, message: string) {
    super(message);
    this.orderId = orderId;
  }
}

export class OrderNotFoundError extends OrderError {
  readonly kind = 'not-found';
  readonly code = 'ORDER_NOT_FOUND';
  constructor(orderId: string) {
    super(orderId, `there is no order ${orderId}`);
  }
}

/** A question about a time before the order's first event. */
export class OrderNotYetThereError extends OrderError {
  readonly kind = 'not-found';
  readonly code = 'ORDER_NOT_FOUND';
  constructor(orderId: string, timeline: Timeline) {
    super(
      orderId,
      timeline === 'recorded'
        ? `order ${orderId} had not been recorded by then; by=occurred asks in business time`
        : `order ${orderId} had not begun by then`,
    );
  }
}

export class ItemNotFoundError extends OrderError {
  readonly kind = 'not-found';
  readonly code = 'ITEM_NOT_FOUND';
  readonly itemId: string;
  constructor(orderId: string, itemId: string) {
    super(orderId, `order ${orderId} has no item ${itemId}`);
    this.itemId = itemId;
  }
}

export class OrderAlreadyExistsError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_ALREADY_EXISTS';
  constructor(orderId: string) {
    super(orderId, `order ${orderId} exists already`);
  }
}

/** Items change, and confirming happens, in a draft only. */
export class OrderNotDraftError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_NOT_DRAFT';
  readonly orderStatus: OrderStatus;
  constructor(orderId: string, status: OrderStatus) {
    super(orderId, `order ${orderId} is ${status} and no longer a draft`);
    this.orderStatus = status;
  }
}

export class EmptyOrderError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'EMPTY_ORDER';
  constructor(orderId: string) {
    super(orderId, `order ${orderId} has no items`);
  }
}

export class OrderNotPayableError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_NOT_PAYABLE';
  readonly orderStatus: OrderStatus;
  constructor(orderId: string, status: OrderStatus) {
    super(orderId, `order ${orderId} is ${status} and cannot be paid`);
    this.orderStatus = status;
  }
}

export class OrderAlreadyPaidError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_ALREADY_PAID';
  constructor(orderId: string) {
    super(orderId, `order ${orderId} has been paid already`);
  }
}

export class OrderNotShippableError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_NOT_SHIPPABLE';
  readonly orderStatus: OrderStatus;
  readonly paymentTerms: PaymentTerms;
  constructor(orderId: string, status: OrderStatus, paymentTerms: PaymentTerms) {
    const why = status === 'placed' ? 'has to be paid before it is shipped' : 'cannot be shipped';
    super(orderId, `order ${orderId} is ${status} and ${why}`);
    this.orderStatus = status;
    this.paymentTerms = paymentTerms;
  }
}

export class OrderNotDeliverableError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_NOT_DELIVERABLE';
  readonly orderStatus: OrderStatus;
  constructor(orderId: string, status: OrderStatus) {
    super(orderId, `order ${orderId} is ${status}; only a shipped order can be delivered`);
    this.orderStatus = status;
  }
}

export class OrderNotCancellableError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_NOT_CANCELLABLE';
  readonly orderStatus: OrderStatus;
  constructor(orderId: string, status: OrderStatus) {
    super(orderId, `order ${orderId} is ${status} and can no longer be cancelled`);
    this.orderStatus = status;
  }
}

/** A refund before any payment. */
export class OrderNotPaidError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'ORDER_NOT_PAID';
  readonly orderStatus: OrderStatus;
  constructor(orderId: string, status: OrderStatus) {
    super(orderId, `order ${orderId} has not been paid, so there is nothing to refund`);
    this.orderStatus = status;
  }
}

export class NothingToRefundError extends OrderError {
  readonly kind = 'state-forbids';
  readonly code = 'NOTHING_TO_REFUND';
  constructor(orderId: string) {
    super(orderId, `all that was paid for order ${orderId} has been refunded`);
  }
}

export class RefundExceedsPaidError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'REFUND_EXCEEDS_PAID';
  readonly requested: Money;
  /** What was paid and not yet refunded. */
  readonly refundable: Money;
  constructor(orderId: string, requested: Money, refundable: Money) {
    super(orderId, `a refund of ${shown(requested)} exceeds the ${shown(refundable)} that can be refunded`);
    this.requested = requested;
    this.refundable = refundable;
  }
}

export class AmountMismatchError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'AMOUNT_MISMATCH';
  readonly expected: Money;
  readonly actual: Money;
  constructor(orderId: string, expected: Money, actual: Money) {
    super(orderId, `the amount must be ${shown(expected)}, not ${shown(actual)}`);
    this.expected = expected;
    this.actual = actual;
  }
}

export class CurrencyMismatchError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'CURRENCY_MISMATCH';
  readonly expected: string;
  readonly actual: string;
  constructor(orderId: string, expected: string, actual: string) {
    super(orderId, `order ${orderId} is in ${expected}, not ${actual}`);
    this.expected = expected;
    this.actual = actual;
  }
}

/** No amount was given, and not every item has a price. */
export class AmountRequiredError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'AMOUNT_REQUIRED';
  constructor(orderId: string) {
    super(orderId, 'an amount is required unless every item has a price');
  }
}

/** A refund of zero or less. */
export class AmountNotPositiveError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'AMOUNT_NOT_POSITIVE';
  readonly actual: Money;
  constructor(orderId: string, actual: Money) {
    super(orderId, `the amount must be above zero, not ${shown(actual)}`);
    this.actual = actual;
  }
}

/** The same item with two prices, or with and without one. */
export class PriceConflictError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'PRICE_CONFLICT';
  readonly itemId: string;
  readonly expected: Money | undefined;
  readonly actual: Money | undefined;
  constructor(orderId: string, itemId: string, expected: Money | undefined, actual: Money | undefined) {
    const price = (money: Money | undefined) => (money === undefined ? 'no price' : `price ${shown(money)}`);
    super(orderId, `item ${itemId} is in the order with ${price(expected)}, not with ${price(actual)}`);
    this.itemId = itemId;
    this.expected = expected;
    this.actual = actual;
  }
}

export class TooManyItemsError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'TOO_MANY_ITEMS';
  readonly limit: number;
  constructor(orderId: string, limit: number) {
    super(orderId, `an order holds at most ${limit} different items`);
    this.limit = limit;
  }
}

export class QuantityTooLargeError extends OrderError {
  readonly kind = 'invalid-value';
  readonly code = 'QUANTITY_TOO_LARGE';
  readonly itemId: string;
  readonly limit: number;
  constructor(orderId: string, itemId: string, limit: number) {
    super(orderId, `an order holds at most ${limit} pieces of item ${itemId}`);
    this.itemId = itemId;
    this.limit = limit;
  }
}

function shown(money: Money): string {
  return `${toDecimalText(money)} ${money.currency}`;
}
