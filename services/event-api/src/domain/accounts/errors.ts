import { DomainError } from '@headrace/event-schema';
import { type Money, toDecimalText } from '@headrace/shop';

function show(money: Money): string {
  return `${toDecimalText(money)} ${money.currency}`;
}

export class AccountNotFoundError extends DomainError {
  readonly kind = 'not-found';
  readonly code = 'ACCOUNT_NOT_FOUND';
  constructor(accountId: string) {
    super(`there is no account ${accountId}`);
  }
}

export class AccountAlreadyOpenError extends DomainError {
  readonly kind = 'state-forbids';
  readonly code = 'ACCOUNT_ALREADY_OPEN';
  constructor(accountId: string) {
    super(`account ${accountId} was opened already`);
  }
}

export class AccountClosedError extends DomainError {
  readonly kind = 'state-forbids';
  readonly code = 'ACCOUNT_CLOSED';
  constructor(accountId: string) {
    super(`account ${accountId} is closed`);
  }
}

export class InsufficientFundsError extends DomainError {
  readonly kind = 'state-forbids';
  readonly code = 'INSUFFICIENT_FUNDS';
  readonly balance: Money;
  readonly asked: Money;
  constructor(accountId: string, balance: Money, asked: Money) {
    super(`account ${accountId} holds ${show(balance)}, less than the ${show(asked)} asked for`);
    this.balance = balance;
    this.asked = asked;
  }
}

export class BalanceNotZeroError extends DomainError {
  readonly kind = 'state-forbids';
  readonly code = 'BALANCE_NOT_ZERO';
  readonly balance: Money;
  constructor(accountId: string, balance: Money) {
    super(`account ${accountId} still holds ${show(balance)}; it can be closed at zero only`);
    this.balance = balance;
  }
}

export class AccountCurrencyMismatchError extends DomainError {
  readonly kind = 'invalid-value';
  readonly code = 'CURRENCY_MISMATCH';
  readonly expected: string;
  readonly actual: string;
  constructor(accountId: string, expected: string, actual: string) {
    super(`account ${accountId} is kept in ${expected}, not in ${actual}`);
    this.expected = expected;
    this.actual = actual;
  }
}

export class MovementNotPositiveError extends DomainError {
  readonly kind = 'invalid-value';
  readonly code = 'AMOUNT_NOT_POSITIVE';
  constructor() {
    super('the amount must be more than zero');
  }
}
