import { MAX_MINOR } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { amountText } from './amount.ts';

describe('amountText', () => {
  it.each([
    [249999, 'USD', '$2,499.99'],
    [100, 'EUR', '€1.00'],
    [0, 'GBP', '£0.00'],
    [9999, 'JPY', '¥9,999'],
    [1250, 'KWD', 'KWD 1.250'],
    [12345, 'CLF', 'CLF 1.2345'],
    // Intl alone would show no digits
    [1500, 'IQD', 'IQD 1.500'],
    [MAX_MINOR, 'USD', '$9,999,999,999,999.99'],
  ])('writes %i minor units of %s as %s', (minor, currency, text) => {
    expect(amountText({ minor, currency })).toBe(text);
  });
});
