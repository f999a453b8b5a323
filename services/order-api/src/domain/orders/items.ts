import {
  addMoney,
  MAX_ITEM_QUANTITY,
  MAX_ORDER_ITEMS,
  type Money,
  multiplyMoney,
  type OrderItem,
  zero,
} from '@headrace/shop';
import {
  AmountMismatchError,
  AmountRequiredError,
  CurrencyMismatchError,
  PriceConflictError,
  QuantityTooLargeError,
  TooManyItemsError,
} from './errors.ts';

/** What prices are checked against. */
export interface Pricing {
  readonly orderId: string;
  readonly currency: string;
}

/**
 * The items with one more, an item already there gaining its quantity.
 * @throws CurrencyMismatchError, PriceConflictError, QuantityTooLargeError, TooManyItemsError
 */
export function addItem(items: readonly OrderItem[], added: OrderItem, order: Pricing): readonly OrderItem[] {
  const { orderId } = order;
  if (added.price !== undefined) requireCurrency(added.price, order);
  const present = items.find(({ id }) => id === added.id);
  if (present === undefined) {
    if (items.length >= MAX_ORDER_ITEMS) throw new TooManyItemsError({ orderId, limit: MAX_ORDER_ITEMS });
    return [...items, added];
  }
  if (present.price?.minor !== added.price?.minor) {
    throw new PriceConflictError({ orderId, itemId: added.id, expected: present.price, actual: added.price });
  }
  const quantity = present.quantity + added.quantity;
  if (quantity > MAX_ITEM_QUANTITY)
    throw new QuantityTooLargeError({ orderId, itemId: added.id, limit: MAX_ITEM_QUANTITY });
  return items.map((item) => (item === present ? { ...item, quantity } : item));
}

/**
 * The sum of the prices when every item has one, which a given amount must equal; else the given amount.
 * @throws AmountMismatchError, AmountRequiredError, CurrencyMismatchError, AmountOutOfRangeError
 */
export function amountOf(items: readonly OrderItem[], given: Money | undefined, order: Pricing): Money {
  if (given !== undefined) requireCurrency(given, order);
  const sum = sumOfPrices(items, order.currency);
  if (items.every(({ price }) => price !== undefined)) {
    if (given !== undefined && given.minor !== sum.minor) {
      throw new AmountMismatchError({ orderId: order.orderId, expected: sum, actual: given });
    }
    return sum;
  }
  if (given === undefined) throw new AmountRequiredError({ orderId: order.orderId });
  return given;
}

/**
 * What the items with a price come to.
 * @throws AmountOutOfRangeError
 */
export function sumOfPrices(items: readonly OrderItem[], currency: string): Money {
  return items.reduce(
    (sum, { price, quantity }) => (price === undefined ? sum : addMoney(sum, multiplyMoney(price, quantity))),
    zero(currency),
  );
}

/** @throws CurrencyMismatchError */
export function requireCurrency(money: Money, { orderId, currency }: Pricing): void {
  if (money.currency !== currency)
    throw new CurrencyMismatchError({ orderId, expected: currency, actual: money.currency });
}
