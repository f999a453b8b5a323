import type { History } from '@headrace/event-schema';
import { foreignCurrency } from '../money/one-currency.ts';
import type { AccountEvent } from './contracts.ts';
import { type AccountState, accountFold } from './state.ts';

/** An account is opened once, before anything else, and nothing happens to it after it was closed. */
export const accountHistory: History<AccountState | null, AccountEvent> = {
  fold: accountFold,
  issueOf: (state, { data }, stream) => foreignCurrency(state?.currency, data, stream),
  contradiction: (state, { type }) => {
    if (type === 'AccountOpened') return state === null ? undefined : 'the account was opened before';
    if (state === null) return 'the account was never opened';
    return state.status === 'closed' ? 'the account is closed' : undefined;
  },
};
