import {
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  accountFold,
  MAX_MINOR,
} from '@headrace/shop';
import { decider } from '@headrace/test-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccountDecider } from './decide.ts';

const accountId = 'ACC-001';
const now = '2026-01-15T12:00:00.000Z';
const rules = createAccountDecider(() => new Date(now));
const usd = (minor: number) => ({ minor, currency: 'USD' });
const context = { id: '0-1-0', version: 1, occurredAt: now, recordedAt: now };
const evolve = (state: AccountState | null, event: AccountEvent) => accountFold.evolve(state, event, context);
const account = decider<AccountState | null, AccountEvent, AccountCommand>({ ...rules, evolve });

const open: AccountCommand = { type: 'OpenAccount', data: { accountId, owner: 'Ada', currency: 'USD' } };
const opened: AccountEvent = {
  type: 'AccountOpened',
  data: { accountId, owner: 'Ada', currency: 'USD', openedAt: now },
};
const closed: AccountEvent = { type: 'AccountClosed', data: { accountId } };
const holding = (minor: number): AccountEvent => ({
  type: 'MoneyDeposited',
  data: { accountId, amount: usd(minor), balanceAfter: usd(minor) },
});
const deposit = (minor: number, currency = 'USD'): AccountCommand => ({
  type: 'Deposit',
  data: { accountId, amount: { minor, currency } },
});
const withdraw = (minor: number): AccountCommand => ({
  type: 'Withdraw',
  data: { accountId, amount: usd(minor) },
});
const close: AccountCommand = { type: 'CloseAccount', data: { accountId } };

describe('an account', () => {
  it('is opened once', () => {
    account.given().when(open).then(opened);
    account.given(opened).when(open).thenRejects('ACCOUNT_ALREADY_OPEN');
    account.given(opened, closed).when(open).thenRejects('ACCOUNT_ALREADY_OPEN');
  });

  it('takes deposits and withdrawals, and says what is left', () => {
    account
      .given(opened, holding(1_000))
      .when(deposit(500))
      .then({ type: 'MoneyDeposited', data: { accountId, amount: usd(500), balanceAfter: usd(1_500) } });
    account
      .given(opened, holding(1_000))
      .when(withdraw(1_000))
      .then({ type: 'MoneyWithdrawn', data: { accountId, amount: usd(1_000), balanceAfter: usd(0) } });
  });

  it('never goes below zero', () => {
    account
      .given(opened, holding(1_000))
      .when(withdraw(1_001))
      .thenRejects('INSUFFICIENT_FUNDS', { balance: usd(1_000), asked: usd(1_001) });
  });

  it('refuses nothing, another currency, and more than money can be', () => {
    account.given(opened).when(deposit(0)).thenRejects('AMOUNT_NOT_POSITIVE');
    account.given(opened).when(deposit(1, 'EUR')).thenRejects('CURRENCY_MISMATCH', { expected: 'USD' });
    account.given(opened, holding(MAX_MINOR)).when(deposit(1)).thenRejects('AMOUNT_OUT_OF_RANGE');
  });

  it('is closed at zero only, once, and takes nothing afterwards', () => {
    account.given(opened, holding(1)).when(close).thenRejects('BALANCE_NOT_ZERO');
    account.given(opened).when(close).then(closed);
    for (const command of [close, deposit(1), withdraw(1)]) {
      account.given(opened, closed).when(command).thenRejects('ACCOUNT_CLOSED');
    }
  });

  it('must be opened first', () => {
    for (const command of [close, deposit(1), withdraw(1)])
      account.given().when(command).thenRejects('ACCOUNT_NOT_FOUND');
  });

  it('holds what came in less what went out, whatever is asked of it', () => {
    const command = fc.oneof(fc.nat(1_000).map(deposit), fc.nat(1_000).map(withdraw));
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        let state: AccountState | null = evolve(null, opened);
        let balance = 0;
        for (const asked of commands) {
          const events = decidedOrNone(asked, state);
          state = events.reduce<AccountState | null>(evolve, state);
          balance += events.reduce((sum, event) => sum + signed(event), 0);
          expect(state?.balance.minor).toBe(balance);
          expect(balance).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

function decidedOrNone(command: AccountCommand, state: AccountState | null): readonly AccountEvent[] {
  try {
    return rules.decide(command, state);
  } catch {
    return [];
  }
}

/** What an event adds to the balance. */
function signed({ type, data }: AccountEvent): number {
  if (type === 'MoneyDeposited') return data.amount.minor;
  return type === 'MoneyWithdrawn' ? -data.amount.minor : 0;
}
