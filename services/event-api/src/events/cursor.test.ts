import { InvalidRequestError } from '@headrace/service-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogCursor } from './cursor.ts';

const PARTITIONS = 4;
const part = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const position = fc
  .tuple(fc.nat(PARTITIONS - 1), part, part)
  .map(([partition, ms, seq]) => `${partition}-${ms}-${seq}`);

describe('a cursor of the log', () => {
  it('remembers the last position of each partition, exactly, over any text', () => {
    fc.assert(
      fc.property(fc.array(position), (positions) => {
        const cursor = new LogCursor(PARTITIONS);
        for (const one of positions) cursor.moveTo(one);
        const text = cursor.toString();
        expect(text).toMatch(/^[0-9a-z._-]+$/);
        const again = LogCursor.parse(text, PARTITIONS);
        const last = new Map(positions.map((one) => [one.split('-')[0], one]));
        expect([...again.after].sort()).toEqual([...last.values()].sort());
        expect(again.toString()).toBe(text);
      }),
    );
  });

  it('of a log with many partitions fits a URL', () => {
    const cursor = new LogCursor(1_024);
    for (let i = 0; i < 1_024; i += 1) cursor.moveTo(`${i}-1732150000000-12`);
    expect(cursor.toString().length).toBeLessThan(14_000);
  });

  it.each(['', '_._._', '_._._._._', 'a._._._', 'a-b-c._._._', 'A-0._._._', 'zzzzzzzzzzzzz-0._._._'])(
    'is not "%s"',
    (text) => {
      expect(() => LogCursor.parse(text, PARTITIONS)).toThrow(InvalidRequestError);
    },
  );
});
