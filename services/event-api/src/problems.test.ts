import type { Refusal } from '@headrace/consumer';
import type { RefusalClass } from '@headrace/event-schema';
import { WrongExpectedVersionError } from '@headrace/event-store';
import { UnknownCurrencyError } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { CommandRefusedError } from './commands/errors.ts';
import * as accountErrors from './domain/accounts/errors.ts';
import * as userErrors from './domain/users/errors.ts';
import { eventApiProblems, withFailureMembers } from './problems.ts';

const context = { hasIfMatch: false };
const money = { minor: 1050, currency: 'USD' };
const STATUS = { 'not-found': 404, 'state-forbids': 409, 'invalid-value': 422 } as const;

/** All that a refusal may be made with. */
const fields = {
  ...{ accountId: 'a-1', userId: 'u-1', limit: 1 },
  ...{ balance: money, asked: money, expected: 'USD', actual: 'EUR' },
};
const refusals = Object.entries({ ...accountErrors, ...userErrors }) as unknown as readonly (readonly [
  string,
  RefusalClass<typeof fields>,
])[];

const problemOf = (refusal: Refusal, hasIfMatch = false) =>
  eventApiProblems(new CommandRefusedError('3-c', refusal), { hasIfMatch });

describe('problems', () => {
  it.each(refusals)('%s has its status', (_, AnyRefusal) => {
    const error = new AnyRefusal(fields);
    expect(problemOf(error)).toMatchObject({
      status: STATUS[error.kind],
      type: `/problems/${error.code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.any(String),
      detail: error.message,
      commandId: '3-c',
    });
  });

  it('show amounts as decimal numbers', () => {
    const error = new accountErrors.InsufficientFundsError({
      accountId: 'a',
      balance: money,
      asked: { minor: 1, currency: 'USD' },
    });
    expect(problemOf(error)).toMatchObject({ balance: 10.5, asked: 0.01 });
  });

  it('tell a stale body from a stale If-Match', () => {
    const error = new WrongExpectedVersionError('account:a', 1, 2);
    const members = { stream: 'account:a', expected: 1, actual: 2 };
    expect(problemOf(error)).toMatchObject({ status: 409, ...members });
    expect(problemOf(error, true)).toMatchObject({ status: 412, ...members });
  });

  it('know what is no money', () => {
    expect(problemOf(new UnknownCurrencyError({ currency: 'ABC' }))).toMatchObject({
      status: 422,
      currency: 'ABC',
    });
  });

  it('leave other errors to others', () => {
    expect(eventApiProblems(new Error('password'), context)).toBeUndefined();
    expect(eventApiProblems(null, context)).toBeUndefined();
  });

  it('say that it failed, and why', () => {
    const plain = { type: '/problems/x', title: 'No', status: 400 };
    expect(withFailureMembers(plain)).toEqual({ success: false, error: 'No', ...plain });
    expect(withFailureMembers({ ...plain, detail: 'Because' })).toMatchObject({ error: 'Because' });
  });
});
