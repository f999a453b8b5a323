import { expect, it } from 'vitest';
import { median, percentile, spread } from './statistics.ts';

it('takes the middle of odd and even numbers of values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

it('keeps the extremes beside the middle', () => {
  expect(spread([5, 1, 9])).toEqual({ median: 5, low: 1, high: 9 });
});

it('takes percentiles by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile([7], 0.99)).toBe(7);
});
