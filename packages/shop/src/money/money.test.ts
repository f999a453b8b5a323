import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURRENCIES, exponentOf, isCurrency } from './currencies.ts';
import {
  AmountOutOfRangeError,
  addMoney,
  equalMoney,
  MAX_MINOR,
  multiplyMoney,
  subtractMoney,
  sumToDecimal,
  TooManyDecimalsError,
  toDecimal,
  toDecimalText,
  toMinor,
  toMinorRounded,
  UnknownCurrencyError,
} from './money.ts';

const currencyByExponent = fc.constantFrom('JPY', 'USD', 'KWD', 'CLF');
const minorUnits = fc.integer({ min: -MAX_MINOR, max: MAX_MINOR });

describe('currencies', () => {
  it('lists the active codes of ISO 4217 that have a minor unit', () => {
    expect(CURRENCIES.size).toBe(165);
    expect([...CURRENCIES.keys()].every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
  });

  it('knows the exponents that are not 2', () => {
    expect(['JPY', 'USD', 'KWD', 'CLF'].map(exponentOf)).toEqual([0, 2, 3, 4]);
  });

  it('takes neither withdrawn nor lower-case codes nor metals', () => {
    expect(['DEM', 'usd', 'XAU', ''].map(isCurrency)).toEqual([false, false, false, false]);
  });
});

describe('toMinor', () => {
  it.each([
    [99.99, 'USD', 9999],
    [1.1, 'USD', 110],
    [8.2, 'USD', 820],
    [1.005, 'KWD', 1005],
    [2499.99, 'EUR', 249999],
    [100, 'JPY', 100],
    [0, 'USD', 0],
    [0.0001, 'CLF', 1],
    [-5.5, 'USD', -550],
    [9_999_999_999_999.99, 'USD', MAX_MINOR],
  ])('converts %d %s to %d', (amount, currency, minor) => {
    expect(toMinor(amount, currency)).toEqual({ minor, currency });
  });

  it.each([
    [99.999, 'USD'],
    [0.5, 'JPY'],
    [1.0001, 'KWD'],
    [1e-7, 'USD'],
    [Number.MIN_VALUE, 'CLF'],
  ])('refuses %d %s for its digits', (amount, currency) => {
    expect(() => toMinor(amount, currency)).toThrow(TooManyDecimalsError);
  });

  it.each([
    [10_000_000_000_000, 'USD'],
    [1e21, 'USD'],
    [Number.MAX_VALUE, 'JPY'],
    [Number.POSITIVE_INFINITY, 'USD'],
    [Number.NaN, 'USD'],
    [-1e15, 'JPY'],
  ])('refuses %d %s for its size', (amount, currency) => {
    expect(() => toMinor(amount, currency)).toThrow(AmountOutOfRangeError);
  });

  it('refuses a currency that it does not know', () => {
    expect(() => toMinor(1, 'XYZ')).toThrow(UnknownCurrencyError);
  });

  it('never makes a negative zero', () => {
    expect(Object.is(toMinor(-0, 'USD').minor, 0)).toBe(true);
  });

  it('is undone by toDecimal, and undoes it, for every exponent', () => {
    fc.assert(
      fc.property(minorUnits, currencyByExponent, (minor, currency) => {
        const money = { minor, currency };
        const decimal = toDecimal(money);
        expect(toMinor(decimal, currency)).toEqual(money);
        expect(JSON.parse(JSON.stringify(decimal))).toBe(decimal);
      }),
    );
  });

  it('refuses any digit beyond those of the currency', () => {
    const amount = fc.tuple(fc.nat(1_000_000), fc.nat(9999), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(amount, currencyByExponent, ([whole, fraction, surplus], currency) => {
        const exponent = exponentOf(currency);
        const digits = String(fraction).padStart(4, '0').slice(0, exponent);
        const decimal = Number(`${whole}.${digits}${surplus}`);
        expect(() => toMinor(decimal, currency)).toThrow(TooManyDecimalsError);
      }),
    );
  });
});

describe('toMinorRounded', () => {
  it.each([
    [99.99, 'USD', 9999],
    [1.005, 'USD', 101],
    [1.004999, 'USD', 100],
    [-1.005, 'USD', -101],
    [1e-7, 'USD', 0],
    [-0.001, 'USD', 0],
    [0.5, 'JPY', 1],
    [12.34, 'QQQ', 1234],
    [Number.NaN, 'USD', 0],
    [1e300, 'USD', MAX_MINOR],
  ])('rounds %d %s to %d', (amount, currency, minor) => {
    expect(toMinorRounded(amount, currency)).toEqual({ minor, currency });
  });

  it('never throws, and agrees with toMinor wherever that does not refuse', () => {
    fc.assert(
      fc.property(fc.double(), currencyByExponent, (amount, currency) => {
        expect(Number.isSafeInteger(toMinorRounded(amount, currency).minor)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(minorUnits, currencyByExponent, (minor, currency) => {
        const decimal = toDecimal({ minor, currency });
        expect(toMinorRounded(decimal, currency)).toEqual(toMinor(decimal, currency));
      }),
    );
  });
});

describe('arithmetic', () => {
  const usd = (minor: number) => ({ minor, currency: 'USD' });

  it('adds, subtracts and multiplies in minor units', () => {
    expect(addMoney(usd(10), usd(20))).toEqual(usd(30));
    expect(subtractMoney(usd(10), usd(20))).toEqual(usd(-10));
    expect(multiplyMoney(usd(3333), 3)).toEqual(usd(9999));
  });

  it('refuses to leave the range', () => {
    expect(() => addMoney(usd(MAX_MINOR), usd(1))).toThrow(AmountOutOfRangeError);
    expect(() => subtractMoney(usd(-MAX_MINOR), usd(1))).toThrow(AmountOutOfRangeError);
    expect(() => multiplyMoney(usd(MAX_MINOR), 1_000_000)).toThrow(AmountOutOfRangeError);
  });

  it('compares amount and currency', () => {
    expect(equalMoney(usd(1), usd(1))).toBe(true);
    expect(equalMoney(usd(1), { minor: 1, currency: 'EUR' })).toBe(false);
  });

  it.each([
    [usd(5), '0.05'],
    [usd(-5), '-0.05'],
    [usd(100), '1.00'],
    [{ minor: 7, currency: 'JPY' }, '7'],
    [{ minor: 7, currency: 'KWD' }, '0.007'],
  ])('writes %o as %s', (money, text) => {
    expect(toDecimalText(money)).toBe(text);
  });

  it.each<[bigint, string, number | string]>([
    [9_999n, 'USD', 99.99],
    [-5n, 'USD', -0.05],
    [0n, 'USD', 0],
    [1_500n, 'JPY', 1_500],
    [1_001n, 'KWD', 1.001],
    [BigInt(MAX_MINOR), 'USD', 9_999_999_999_999.99],
    [BigInt(MAX_MINOR) + 1n, 'USD', '10000000000000.00'],
    [-(10n ** 23n) - 1n, 'USD', '-1000000000000000000000.01'],
    [10n ** 23n, 'JPY', '100000000000000000000000'],
  ])('shows the sum of %s minor units of %s as %j', (minor, currency, shown) => {
    expect(sumToDecimal(minor, currency)).toBe(shown);
  });
});
