import { defineRefusal } from '@headrace/event-schema';
import { type Money, toDecimalText } from '@headrace/shop';

// Every refusal of a command on an account.

interface OfAccount {
  readonly accountId: string;
}

export const AccountNotFoundError = defineRefusal({
  code: 'ACCOUNT_NOT_FOUND',
  kind: 'not-found',
  title: 'Account not found',
  message: ({ accountId }: OfAccount) => `there is no account ${accountId}`,
  shows: [],
});

export const AccountAlreadyOpenError = defineRefusal({
  code: 'ACCOUNT_ALREADY_OPEN',
  kind: 'state-forbids',
  title: 'Account was opened already',
  message: ({ accountId }: OfAccount) => `account ${accountId} was opened already`,
  shows: [],
});

export const AccountClosedError = defineRefusal({
  code: 'ACCOUNT_CLOSED',
  kind: 'state-forbids',
  title: 'Account is closed',
  message: ({ accountId }: OfAccount) => `account ${accountId} is closed`,
  shows: [],
});

export const InsufficientFundsError = defineRefusal({
  code: 'INSUFFICIENT_FUNDS',
  kind: 'state-forbids',
  title: 'Insufficient funds',
  message: ({ accountId, balance, asked }: OfAccount & { readonly balance: Money; readonly asked: Money }) =>
    `account ${accountId} holds ${shown(balance)}, less than the ${shown(asked)} asked for`,
  shows: ['balance', 'asked'],
});

export const BalanceNotZeroError = defineRefusal({
  code: 'BALANCE_NOT_ZERO',
  kind: 'state-forbids',
  title: 'Balance is not zero',
  message: ({ accountId, balance }: OfAccount & { readonly balance: Money }) =>
    `account ${accountId} still holds ${shown(balance)}; it can be closed at zero only`,
  shows: ['balance'],
});

export const AccountCurrencyMismatchError = defineRefusal({
  code: 'CURRENCY_MISMATCH',
  kind: 'invalid-value',
  title: 'Currency differs',
  message: ({
    accountId,
    expected,
    actual,
  }: OfAccount & { readonly expected: string; readonly actual: string }) =>
    `account ${accountId} is kept in ${expected}, not in ${actual}`,
  shows: ['expected', 'actual'],
});

export const MovementNotPositiveError = defineRefusal({
  code: 'AMOUNT_NOT_POSITIVE',
  kind: 'invalid-value',
  title: 'Amount is not above zero',
  message: (_: object) => 'the amount must be more than zero',
});

function shown(money: Money): string {
  return `${toDecimalText(money)} ${money.currency}`;
}
