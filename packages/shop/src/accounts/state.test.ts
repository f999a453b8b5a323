import { describe, expect, it } from 'vitest';
import type { AccountEvent } from './contracts.ts';
import { type AccountState, accountFold } from './state.ts';

const usd = (minor: number) => ({ minor, currency: 'USD' });
const accountId = 'ACC-001';
const openedAt = '2024-01-01T00:00:00.000Z';
const opened: AccountEvent = {
  type: 'AccountOpened',
  data: { accountId, owner: 'Ada', currency: 'USD', openedAt },
};
const moved = (type: 'MoneyDeposited' | 'MoneyWithdrawn', minor: number, after: number): AccountEvent => ({
  type,
  data: { accountId, amount: usd(minor), balanceAfter: usd(after) },
});

function fold(...events: readonly AccountEvent[]): AccountState | null {
  return events.reduce<AccountState | null>(
    (state, event, i) =>
      accountFold.evolve(state, event, {
        id: `0-${i}-0`,
        version: i + 1,
        occurredAt: `2024-01-0${i + 1}T00:00:00.000Z`,
        recordedAt: openedAt,
      }),
    accountFold.initialState,
  );
}

describe('an account', () => {
  it('is nothing before it is opened', () => {
    expect(fold(moved('MoneyDeposited', 100, 100))).toBeNull();
  });

  it('has the balance of its last movement', () => {
    expect(
      fold(opened, moved('MoneyDeposited', 100_000, 100_000), moved('MoneyWithdrawn', 30_000, 70_000)),
    ).toEqual({
      accountId,
      owner: 'Ada',
      currency: 'USD',
      balance: usd(70_000),
      status: 'active',
      openedAt,
      lastUpdated: '2024-01-03T00:00:00.000Z',
      version: 3,
    });
  });

  it('leaves out what is in another currency', () => {
    const yen = { minor: 5_000_000, currency: 'JPY' };
    const foreign: AccountEvent = {
      type: 'MoneyDeposited',
      data: { accountId, amount: yen, balanceAfter: yen },
    };
    const before = fold(opened, moved('MoneyDeposited', 100, 100));
    expect(fold(opened, moved('MoneyDeposited', 100, 100), foreign)).toEqual(before);
  });

  it('is closed for good', () => {
    expect(fold(opened, { type: 'AccountClosed', data: { accountId } })).toMatchObject({
      status: 'closed',
      closedAt: '2024-01-02T00:00:00.000Z',
    });
  });
});
