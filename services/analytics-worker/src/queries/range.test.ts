import { describe, expect, it } from 'vitest';
import { boundedRange, InvalidRangeError, openRange, type RangeRules, stepsOf } from './range.ts';

const HOURS: RangeRules = { granularity: 'hour', defaultDays: 1, maxDays: 31 };
const DAYS: RangeRules = { granularity: 'day', defaultDays: 30, maxDays: 366 };
const NOW_MS = Date.parse('2026-01-15T14:30:00Z');
const at = (text: string): number => Date.parse(text);

describe('boundedRange', () => {
  it('widens to whole hours or days, UTC', () => {
    const query = { from: '2026-01-15T13:59:59.999Z', to: '2026-01-15T14:00:00.001Z' };
    expect(boundedRange(query, HOURS, NOW_MS)).toEqual({
      fromMs: at('2026-01-15T13:00:00Z'),
      toMs: at('2026-01-15T15:00:00Z'),
    });
    expect(boundedRange(query, DAYS, NOW_MS)).toEqual({ fromMs: at('2026-01-15'), toMs: at('2026-01-16') });
  });

  it('leaves whole hours and offsets as they are', () => {
    const query = { from: '2026-01-15T01:00:00+05:30', to: '2026-01-14' };
    expect(() => boundedRange(query, HOURS, NOW_MS)).toThrow(InvalidRangeError);
    expect(boundedRange({ ...query, to: '2026-01-15' }, HOURS, NOW_MS)).toEqual({
      fromMs: at('2026-01-14T19:00:00Z'),
      toMs: at('2026-01-15'),
    });
  });

  it('ends after the present hour by default, also on the hour', () => {
    const range = { fromMs: at('2026-01-14T15:00:00Z'), toMs: at('2026-01-15T15:00:00Z') };
    expect(boundedRange({}, HOURS, NOW_MS)).toEqual(range);
    expect(boundedRange({}, HOURS, at('2026-01-15T14:00:00Z'))).toEqual(range);
  });

  it('never begins before year 1', () => {
    expect(() => boundedRange({ to: '0001-01-01' }, HOURS, NOW_MS)).toThrow(InvalidRangeError);
    expect(boundedRange({ to: '0001-01-02' }, DAYS, NOW_MS).fromMs).toBe(at('0001-01-01'));
  });

  it('allows the longest range and no more', () => {
    expect(() => boundedRange({ from: '2026-01-01', to: '2026-02-01' }, HOURS, NOW_MS)).not.toThrow();
    expect(() => boundedRange({ from: '2025-12-31T23:59:00Z', to: '2026-02-01' }, HOURS, NOW_MS)).toThrow(
      '31 days',
    );
  });
});

describe('openRange', () => {
  it('leaves open what is not given', () => {
    expect(openRange({})).toEqual({});
    expect(openRange({ to: '2026-01-15' })).toEqual({ toMs: at('2026-01-15') });
  });

  it.each([{ from: '2026-01-15', to: '2026-01-15' }, { from: '0000-01-01' }, { to: '9999-12-31' }])(
    'refuses %j',
    (query) => {
      expect(() => openRange(query)).toThrow(InvalidRangeError);
    },
  );
});

it('lists the steps of a range', () => {
  const range = { fromMs: at('2026-01-01'), toMs: at('2026-01-03') };
  expect(stepsOf(range, 'day')).toEqual([at('2026-01-01'), at('2026-01-02')]);
  expect(stepsOf(range, 'hour')).toHaveLength(48);
});
