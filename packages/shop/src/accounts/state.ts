import { type Fold, unhandled } from '@headrace/event-schema';
import { type Money, zero } from '../money/money.ts';
import { ACCOUNT_CATEGORY } from './account-stream.ts';
import type { AccountEvent } from './contracts.ts';

export const ACCOUNT_STATUSES = ['active', 'closed'] as const;

/** An account as its events add up; times are business time, ISO 8601. */
export interface AccountState {
  readonly accountId: string;
  readonly owner: string;
  readonly currency: string;
  readonly balance: Money;
  readonly status: (typeof ACCOUNT_STATUSES)[number];
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly lastUpdated: string;
  /** Version of the last event that this fold knows. */
  readonly version: number;
}

/**
 * `null` until the account is opened. A movement in another currency than the account's, which only an old log can hold,
 * is left out: its amount is none of the account's. `account_days` counts it in its own currency.
 */
export const accountFold: Fold<AccountState | null, AccountEvent> = {
  category: ACCOUNT_CATEGORY,
  foldVersion: 2,
  initialState: null,
  evolve: (state, event, { occurredAt, version }) => {
    const next = apply(state, event, occurredAt);
    return next === null || next === state ? state : { ...next, lastUpdated: occurredAt, version };
  },
};

function apply(state: AccountState | null, event: AccountEvent, at: string): AccountState | null {
  if (event.type === 'AccountOpened') {
    const { accountId, owner, currency, openedAt } = event.data;
    const balance = zero(currency);
    return { accountId, owner, currency, balance, status: 'active', openedAt, lastUpdated: at, version: 0 };
  }
  if (state === null) return null;
  switch (event.type) {
    case 'MoneyDeposited':
    case 'MoneyWithdrawn':
      if (event.data.balanceAfter.currency !== state.currency) return state;
      // the balance that was decided on, so that an old deposit's rounding cannot add up
      return { ...state, balance: event.data.balanceAfter };
    case 'AccountClosed':
      return { ...state, status: 'closed', closedAt: at };
    default:
      return unhandled(event, state);
  }
}
