import { describe, expect, it } from 'vitest';
import {
  compareEntryIds,
  comparePositions,
  entryIdOf,
  formatPosition,
  InvalidPositionError,
  isPosition,
  parsePosition,
  partitionOfPosition,
  recordedMsOf,
} from './position.ts';

describe('positions', () => {
  const position = '3-1732150000000-12';

  it('are taken apart and put together', () => {
    expect(parsePosition(position)).toEqual({ partition: 3, ms: 1732150000000, seq: 12 });
    expect(entryIdOf(position)).toBe('1732150000000-12');
    expect(partitionOfPosition(position)).toBe(3);
    expect(recordedMsOf(position)).toBe(1732150000000);
    expect(formatPosition(3, '1732150000000-12')).toBe(position);
  });

  it.each([
    '',
    '1732150000000-0',
    '3-x-0',
    '3-1-0-0',
    '-1-1-0',
    '3-1-0\n',
    '1-99999999999999999999-0',
    '1-18446744073709551616-0',
  ])('refuses %j', (text) => {
    expect(isPosition(text)).toBe(false);
    expect(() => parsePosition(text)).toThrow(InvalidPositionError);
  });

  it('may be as large as 64 bits', () => {
    expect(isPosition('1-18446744073709551615-18446744073709551615')).toBe(true);
  });

  it('sort by time, sequence, partition, as numbers', () => {
    const sorted = ['7-9-0', '0-10-2', '1-10-10', '2-10-10'];
    expect(sorted.toReversed().toSorted(comparePositions)).toEqual(sorted);
    expect(['10-2', '9-11', '10-10'].toSorted(compareEntryIds)).toEqual(['9-11', '10-2', '10-10']);
  });
});
