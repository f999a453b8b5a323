import { describe, expect, it } from 'vitest';
import { addDecimal } from './decimal.ts';

const sumOf = (...numbers: readonly number[]) => numbers.reduce(addDecimal, '0');

describe('a sum of decimals', () => {
  it.each([
    [[0.1, 0.2], '0.3'],
    [[-0.05, 0.05], '0'],
    [[1, -2.5], '-1.5'],
    [[1e21, 1], '1000000000000000000001'],
    [[1.5e-7, 1e-7], '0.00000025'],
    [[-0], '0'],
    [[9_007_199_254_740_991, 9_007_199_254_740_991], '18014398509481982'],
  ])('of %j is %s', (numbers, expected) => {
    expect(sumOf(...numbers)).toBe(expected);
  });

  it('does not depend on the order', () => {
    const numbers = Array.from({ length: 200 }, (_, i) => (((i * 7_919) % 1_009) - 500) / 10 ** (i % 5));
    expect(sumOf(...numbers.toReversed())).toBe(sumOf(...numbers));
  });
});
