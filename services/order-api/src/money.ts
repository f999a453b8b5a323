import { defineRefusal } from '@headrace/event-schema';
import { type Money, toMinor } from '@headrace/shop';

/** A price or amount below zero in a request. */
export const AmountNegativeError = defineRefusal({
  code: 'AMOUNT_NEGATIVE',
  kind: 'invalid-value',
  title: 'Amount below zero',
  message: ({ amount }: { amount: number }) => `an amount cannot be below zero, as ${amount} is`,
  shows: [],
});

/**
 * The money that a request's decimal number stands for.
 * @throws AmountNegativeError, UnknownCurrencyError, TooManyDecimalsError, AmountOutOfRangeError
 */
export function moneyOf(amount: number, currency: string): Money {
  if (amount < 0) throw new AmountNegativeError({ amount });
  return toMinor(amount, currency);
}
