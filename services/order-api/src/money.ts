import { DomainError } from '@headrace/event-schema';
import { type Money, toMinor } from '@headrace/shop';

/** A price or amount below zero in a request. */
export class AmountNegativeError extends DomainError {
  readonly kind = 'invalid-value';
  readonly code = 'AMOUNT_NEGATIVE';
  constructor(amount: number) {
    super(`an amount cannot be below zero, as ${amount} is`);
  }
}

/**
 * The money that a request's decimal number stands for.
 * @throws AmountNegativeError, UnknownCurrencyError, TooManyDecimalsError, AmountOutOfRangeError
 */
export function moneyOf(amount: number, currency: string): Money {
  if (amount < 0) throw new AmountNegativeError(amount);
  return toMinor(amount, currency);
}
