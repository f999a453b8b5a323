import { expect, it } from 'vitest';
import { parseProcessorTime, stolenPercent } from './processor-time.ts';

const stat = (user: number, stolen: number): string =>
  `cpu  ${user} 0 10 900 5 0 1 ${stolen} 77 77\ncpu0 1 1 1 1 1 1 1 1 0 0\n`;

it('tells what the host gave to others meanwhile', () => {
  const before = parseProcessorTime(stat(100, 20));
  expect(before).toEqual({ total: 1036, stolen: 20 });
  expect(stolenPercent(before, parseProcessorTime(stat(160, 60)))).toBe(40);
});

it('tells nothing where it does not know', () => {
  const some = parseProcessorTime(stat(100, 20));
  expect(parseProcessorTime('intr 1')).toBeUndefined();
  expect(stolenPercent(undefined, some)).toBeUndefined();
  expect(stolenPercent(some, some)).toBeUndefined();
});
