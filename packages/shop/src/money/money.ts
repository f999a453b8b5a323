import { defineRefusal } from '@headrace/event-schema';
import { exponentOf, isCurrency } from './currencies.ts';

/** An amount in integer minor units of an ISO 4217 currency: `{ minor: 9999, currency: 'USD' }` is 99.99 USD. */
export interface Money {
  readonly minor: number;
  readonly currency: string;
}

/**
 * The largest amount, in minor units. Fifteen digits, not `Number.MAX_SAFE_INTEGER`: a double keeps every
 * decimal of up to 15 significant digits (DBL_DIG), so each amount survives JSON numbers both ways, whereas
 * 90071992547409.91 and .92 are the same double.
 */
export const MAX_MINOR = 999_999_999_999_999;

/** A decimal number with more digits than its currency has; `allowed` are those it has. */
export const TooManyDecimalsError = defineRefusal({
  code: 'TOO_MANY_DECIMALS',
  kind: 'invalid-value',
  title: 'Too many decimals',
  message: ({ amount, currency, allowed }: { amount: number; currency: string; allowed: number }) =>
    `${amount} has more decimals than ${currency} allows (${allowed})`,
});

/** A code that is not an active ISO 4217 currency in capitals. */
export const UnknownCurrencyError = defineRefusal({
  code: 'UNKNOWN_CURRENCY',
  kind: 'invalid-value',
  title: 'Unknown currency',
  message: ({ currency }: { currency: string }) =>
    `"${currency.slice(0, 20)}" is not an ISO 4217 currency code`,
});

/** An amount, given or computed, that is not a finite number of at most `MAX_MINOR` minor units. */
export const AmountOutOfRangeError = defineRefusal({
  code: 'AMOUNT_OUT_OF_RANGE',
  kind: 'invalid-value',
  title: 'Amount out of range',
  message: ({ amount, currency }: { amount: string; currency: string }) =>
    `${amount} ${currency} is out of range: at most ${MAX_MINOR} minor units are allowed`,
  shows: ['currency'],
});

interface Decimal {
  readonly negative: boolean;
  /** All significant digits, without the point. */
  readonly digits: bigint;
  /** How many of the digits stand behind the point; negative for trailing zeros in front of it. */
  readonly scale: number;
}

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/**
 * Takes a finite number apart as the shortest decimal text that identifies it (ECMA-262, Number::toString),
 * which is what a person wrote. No arithmetic on the float: 1.005 * 100 is 100.49999999999999.
 */
function decimalOf(value: number): Decimal | undefined {
  const match = DECIMAL.exec(String(value));
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  return {
    negative: sign === '-',
    digits: BigInt(whole + fraction),
    scale: fraction.length - Number(exponent),
  };
}

/**
 * Converts a decimal number as people write it to minor units, exactly.
 * @throws UnknownCurrencyError, TooManyDecimalsError, AmountOutOfRangeError
 */
export function toMinor(amount: number, currency: string): Money {
  if (!isCurrency(currency)) throw new UnknownCurrencyError({ currency });
  const decimal = decimalOf(amount);
  if (decimal === undefined) throw new AmountOutOfRangeError({ amount: String(amount), currency });
  const exponent = exponentOf(currency);
  if (decimal.scale > exponent) throw new TooManyDecimalsError({ amount, currency, allowed: exponent });
  const minor = Number(decimal.digits * 10n ** BigInt(exponent - decimal.scale));
  if (minor > MAX_MINOR) throw new AmountOutOfRangeError({ amount: String(amount), currency });
  return { minor: signed(minor, decimal.negative), currency };
}

/**
 * For upcasters: never throws. Rounds half away from zero, takes two digits for an unknown currency, zero for
 * what is not a finite number, and stops at `MAX_MINOR`.
 */
export function toMinorRounded(amount: number, currency: string): Money {
  const decimal = decimalOf(amount);
  if (decimal === undefined) return { minor: 0, currency };
  const surplus = decimal.scale - exponentOf(currency);
  const minor = surplus > 0 ? halfUp(decimal.digits, surplus) : decimal.digits * 10n ** BigInt(-surplus);
  return { minor: signed(Math.min(Number(minor), MAX_MINOR), decimal.negative), currency };
}

function halfUp(digits: bigint, surplus: number): bigint {
  const unit = 10n ** BigInt(surplus);
  return (digits + unit / 2n) / unit;
}

/** Without a negative zero, which JSON would lose. */
function signed(minor: number, negative: boolean): number {
  return negative && minor !== 0 ? -minor : minor;
}

/** The amount as a decimal number: `{ minor: 9999, currency: 'USD' }` → 99.99. Exact up to `MAX_MINOR`. */
export function toDecimal(money: Money): number {
  return Number(toDecimalText(money));
}

/** The amount with all digits of its currency: `{ minor: 100, currency: 'USD' }` → `1.00`. */
export function toDecimalText({ minor, currency }: Money): string {
  return decimalText(BigInt(minor), currency);
}

/**
 * A sum of amounts as answers show it, always exact: a number up to `MAX_MINOR`, and text with all digits beyond, as
 * `"10000000000000.00"`, since no JSON number is sure to keep it. Sums have no bound, unlike amounts.
 */
export function sumToDecimal(minor: bigint, currency: string): number | string {
  const text = decimalText(minor, currency);
  return minor <= MAX_MINOR && minor >= -MAX_MINOR ? Number(text) : text;
}

function decimalText(minor: bigint, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = String(minor < 0n ? -minor : minor).padStart(exponent + 1, '0');
  const sign = minor < 0n ? '-' : '';
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

export function zero(currency: string): Money {
  return { minor: 0, currency };
}

/**
 * Adds amounts of one currency; the caller has compared the currencies.
 * @throws AmountOutOfRangeError
 */
export function addMoney(a: Money, b: Money): Money {
  return inRange(a.minor + b.minor, a.currency);
}

/**
 * Subtracts an amount of the same currency; the result may be negative.
 * @throws AmountOutOfRangeError
 */
export function subtractMoney(a: Money, b: Money): Money {
  return inRange(a.minor - b.minor, a.currency);
}

/**
 * @param factor an integer, such as a quantity
 * @throws AmountOutOfRangeError
 */
export function multiplyMoney(money: Money, factor: number): Money {
  return inRange(money.minor * factor, money.currency);
}

export function equalMoney(a: Money, b: Money): boolean {
  return a.minor === b.minor && a.currency === b.currency;
}

function inRange(minor: number, currency: string): Money {
  // A product beyond the safe integers is inexact, but still far above the limit.
  if (!(Math.abs(minor) <= MAX_MINOR))
    throw new AmountOutOfRangeError({ amount: `${minor} minor units of`, currency });
  return { minor, currency };
}
