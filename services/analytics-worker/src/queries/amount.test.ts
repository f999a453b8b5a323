import { expect, it } from 'vitest';
import { toAmount } from './amount.ts';

it.each([
  [9_999n, 'USD', 99.99],
  [-5n, 'USD', -0.05],
  [0n, 'USD', 0],
  [1_500n, 'JPY', 1_500],
  [1_001n, 'KWD', 1.001],
  [999_999_999_999_999n, 'USD', 9_999_999_999_999.99],
  [123_456_789_012_345_678_901_234n, 'USD', 1_234_567_890_123_456_800_000],
])('%s minor units of %s are %s', (minor, currency, amount) => {
  expect(toAmount(minor, currency)).toBe(amount);
});
