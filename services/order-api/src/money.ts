import { isCurrency, type Money, toDecimal, toMinor, UnknownCurrencyError } from '@headrace/shop';

/** A price or amount below zero in a request. */
export class AmountNegativeError extends Error {
  readonly code = 'AMOUNT_NEGATIVE';
  constructor(amount: number) {
    super(`an amount cannot be below zero, as ${amount} is`);
    this.name = 'AmountNegativeError';
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

/** @throws UnknownCurrencyError */
export function knownCurrency(currency: string): string {
  if (!isCurrency(currency)) throw new UnknownCurrencyError(currency);
  return currency;
}

/** Any JSON value with every `{ minor, currency }` in it as a decimal number. */
export function withDecimals(value: unknown): unknown {
  if (isMoney(value)) return toDecimal(value);
  if (Array.isArray(value)) return value.map(withDecimals);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withDecimals(inner)]));
}

/** The currency of the first money found in a JSON value. */
export function currencyIn(value: unknown): string | undefined {
  if (isMoney(value)) return value.currency;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const inner of Object.values(value)) {
    const currency = currencyIn(inner);
    if (currency !== undefined) return currency;
  }
  return undefined;
}

function isMoney(value: unknown): value is Money {
  if (typeof value !== 'object' || value === null || !('minor' in value) || !('currency' in value))
    return false;
  return Number.isSafeInteger(value.minor) && typeof value.currency === 'string';
}
