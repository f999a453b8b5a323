import { describe, expect, it } from 'vitest';
import { addWhole, type Column, column, nullable } from './columns.ts';

describe('columns', () => {
  it.each<[string, Column, unknown]>([
    ['text', column.text, 'a'],
    ['integer', column.integer, -(2 ** 31) + 1],
    ['bigint', column.bigint, Number.MAX_SAFE_INTEGER],
    ['numeric', column.numeric, `-${10n ** 30n}`],
    ['boolean', column.boolean, false],
    ['timestamptz', column.timestamptz, new Date(0)],
    ['date', column.date, '2026-01-31'],
    ['json', column.json(), { a: [1, null, 'x'] }],
    ['jsonb', column.jsonb(), null],
    ['nullable', nullable(column.text), null],
  ])('take what is theirs: %s', (_, { canonical }, value) => {
    expect(canonical(value)).toEqual(value);
  });

  it.each<[string, Column, unknown]>([
    ['text', column.text, 1],
    ['text', column.text, null],
    ['integer', column.integer, 2 ** 31],
    ['integer', column.integer, 1.5],
    ['bigint', column.bigint, 2 ** 53],
    ['bigint', column.bigint, '1'],
    ['numeric', column.numeric, '1.5'],
    ['numeric', column.numeric, '007'],
    ['numeric', column.numeric, 1],
    ['boolean', column.boolean, 1],
    ['timestamptz', column.timestamptz, '2026-01-31T00:00:00Z'],
    ['timestamptz', column.timestamptz, new Date(Number.NaN)],
    ['date', column.date, '2026-1-31'],
    ['json', column.json(), undefined],
    ['nullable', nullable(column.text), 1],
  ])('refuse what is not: %s', (_, { canonical }, value) => {
    expect(() => canonical(value)).toThrow(TypeError);
  });

  it('replace what the database cannot hold, and only there', () => {
    expect(column.text.canonical('a\0b \ud83d 🙂')).toBe('a\uFFFDb \uFFFD 🙂');
    const value = { 'k\0': ['\0', '\ud83d', '\\u0000'] };
    expect(column.jsonb().canonical(value)).toEqual({ 'k\uFFFD': ['\uFFFD', '\uFFFD', '\\u0000'] });
    expect(column.json().canonical(value)).toEqual(value);
  });

  it('make JSON of what is none, at once and not only in the database', () => {
    expect(column.jsonb().canonical({ at: new Date(0), gone: undefined, no: Number.NaN })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      no: null,
    });
  });

  it('hold sums beyond 2^63 exactly', () => {
    const sum = addWhole(`${2n ** 63n}`, Number.MAX_SAFE_INTEGER);
    expect(column.numeric.canonical(sum)).toBe('9232379236109516799');
    expect(addWhole('5', -7)).toBe('-2');
  });

  it('take a missing value for null where it may be', () => {
    expect(nullable(column.text).canonical(undefined)).toBeNull();
  });
});
