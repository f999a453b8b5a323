import { anyHistory, type CategoryRules, createRegistry } from '@headrace/event-schema';
import { ACCOUNT_CATEGORY } from './accounts/account-stream.ts';
import { accountContracts } from './accounts/contracts.ts';
import { accountHistory } from './accounts/history.ts';
import { mixedCurrencies } from './money/one-currency.ts';
import { orderContracts } from './orders/contracts.ts';
import { orderHistory } from './orders/history.ts';
import { ORDER_CATEGORY } from './orders/order-stream.ts';
import { userContracts } from './users/contracts.ts';
import { USER_CATEGORY } from './users/user-stream.ts';

/** Every contract of the shop, with its types: stores of its registry check what is appended. */
export const shopContracts = [...orderContracts, ...accountContracts, ...userContracts];

/** What is asked of events of the shop that are written, by category. */
export const shopRules: Readonly<Record<string, CategoryRules>> = {
  [ORDER_CATEGORY]: { idField: 'orderId', issueOf: mixedCurrencies, history: anyHistory(orderHistory) },
  [ACCOUNT_CATEGORY]: { idField: 'accountId', issueOf: mixedCurrencies, history: anyHistory(accountHistory) },
  [USER_CATEGORY]: { idField: 'userId' },
};

/** The registry that all services share. */
export const shopRegistry = createRegistry(shopContracts, { rules: shopRules });
