import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineCommand } from './command-contract.ts';
import { defineEvent } from './contract.ts';
import { assertFoldCategory, type Fold } from './decider.ts';
import { anyHistory } from './history.ts';
import { categoryOfStream, streamOf } from './stream-name.ts';

const event = (category: string) =>
  defineEvent({ type: 'AccountOpened', category, description: 'An account.', schema: z.object({}) });
const command = (category: string) =>
  defineCommand({
    type: 'OpenAccount',
    category,
    description: 'Opens an account.',
    schema: z.object({}),
    streamOf: () => streamOf(category, '1'),
  });
const fold = (category: string): Fold<number> => ({
  category,
  foldVersion: 1,
  initialState: 0,
  evolve: (n) => n + 1,
});

const definitions = [
  ['an event', event],
  ['a command', command],
  ['a fold', (category: string) => assertFoldCategory(fold(category))],
  ['a history', (category: string) => anyHistory({ fold: fold(category), contradiction: () => undefined })],
] as const;

describe.each(definitions)('the category of %s', (_, define) => {
  it.each(['bank-account', 'bank_account', 'bank:account', '-', 'bank account', ''])(
    'cannot be "%s", which no stream can have',
    (category) => {
      expect(categoryOfStream(`${category}:1`) === category && category !== '').toBe(
        category === 'bank account',
      );
      expect(() => define(category)).toThrow(expect.objectContaining({ code: 'INVALID_CATEGORY', category }));
    },
  );

  it.each(['account', 'bankAccount', 'bank.account', 'bank/account', '~1'])('may be "%s"', (category) => {
    expect(categoryOfStream(streamOf(category, 'ACC-001'))).toBe(category);
    expect(() => define(category)).not.toThrow();
  });
});

describe('the refusal of a category', () => {
  it('says what has it, why it is refused, and what to do', () => {
    expect(() => event('bank-account')).toThrow(
      /^event AccountOpened has the category "bank-account".*before the first : _ or -.*such as "bankAccount"$/,
    );
  });

  it('leaves folds of any category alone', () => {
    expect(() => assertFoldCategory(fold('*'))).not.toThrow();
  });
});
