import type { History } from '../history.ts';
import type { AccountEvent } from './contracts.ts';
import { type AccountState, accountFold } from './state.ts';

/** An account is opened once, before anything else, and nothing happens to it after it was closed. */
export const accountHistory: History<AccountState | null, AccountEvent> = {
  fold: accountFold,
  currencyOf: (state) => state?.currency,
  contradiction: (state, { type }) => {
    if (type === 'AccountOpened') return state === null ? undefined : 'the account was opened before';
    if (state === null) return 'the account was never opened';
    return state.status === 'closed' ? 'the account is closed' : undefined;
  },
};
