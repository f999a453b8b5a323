import { isCurrency, type Money, toDecimal, UnknownCurrencyError } from '@headrace/shop';

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

function isMoney(value: unknown): value is Money {
  if (typeof value !== 'object' || value === null || !('minor' in value) || !('currency' in value))
    return false;
  return Number.isSafeInteger(value.minor) && typeof value.currency === 'string';
}
