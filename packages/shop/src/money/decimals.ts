import { isCurrency } from './currencies.ts';
import { type Money, toDecimal, UnknownCurrencyError } from './money.ts';

/** @throws UnknownCurrencyError */
export function knownCurrency(currency: string): string {
  if (!isCurrency(currency)) throw new UnknownCurrencyError({ currency });
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
