import { expect, it } from 'vitest';
import { figure } from './figures.ts';

it.each([
  [28_912.4, '28,912'],
  [304, '304'],
  [19.44, '19.4'],
  [1, '1.00'],
  [0.879, '0.88'],
  [0.0123, '0.012'],
  [0, '0'],
  [-2.5, '-2.50'],
  [Number.NaN, '–'],
  [Number.POSITIVE_INFINITY, '–'],
])('writes %d as %s', (value, text) => {
  expect(figure(value)).toBe(text);
});
