import { describe, expect, it } from 'vitest';
import { presentDeclared } from './declared.ts';

const shown = (value: unknown) =>
  presentDeclared({ key: 'a', value, events: 1, updated_at: new Date(0) }).value;

describe('a row of a declared projection', () => {
  it.each([
    ['5.3', 5.3],
    ['0', 0],
    ['-0.00000025', -2.5e-7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['1000000000000000000000', 1e21],
  ])('shows the sum %s as a number', (sum, expected) => {
    expect(shown(sum)).toBe(expected);
  });

  it.each(['9007199254740993', '0.1234567890123456789', `1${'0'.repeat(400)}`])(
    'shows the sum %s as text, since no number is it',
    (sum) => {
      expect(shown(sum)).toBe(sum);
    },
  );

  it('shows counts and merged data as they are', () => {
    expect(shown(7)).toBe(7);
    expect(shown({ a: '5' })).toEqual({ a: '5' });
  });
});
