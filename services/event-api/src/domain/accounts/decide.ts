import { type Decider, definedOnly } from '@headrace/event-schema';
import {
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  accountFold,
  addMoney,
  type Money,
  subtractMoney,
} from '@headrace/shop';
import {
  AccountAlreadyOpenError,
  AccountClosedError,
  AccountCurrencyMismatchError,
  AccountNotFoundError,
  BalanceNotZeroError,
  InsufficientFundsError,
  MovementNotPositiveError,
} from './errors.ts';

/**
 * Every rule of what may happen to an account. `decide` throws a `DomainError`, or `AmountOutOfRangeError`
 * where a balance leaves the range of money.
 *
 * @param now the clock, for the time at which an account is opened
 */
export function createAccountDecider(
  now: () => Date,
): Decider<AccountCommand, AccountState | null, AccountEvent> {
  return {
    ...accountFold,
    decide: (command, state) => {
      const { accountId } = command.data;
      if (command.type !== 'OpenAccount') return change(command, active(accountId, state));
      if (state !== null) throw new AccountAlreadyOpenError({ accountId });
      return [{ type: 'AccountOpened', data: { ...command.data, openedAt: now().toISOString() } }];
    },
  };
}

function active(accountId: string, state: AccountState | null): AccountState {
  if (state === null) throw new AccountNotFoundError({ accountId });
  if (state.status === 'closed') throw new AccountClosedError({ accountId });
  return state;
}

function change(
  command: Exclude<AccountCommand, { readonly type: 'OpenAccount' }>,
  state: AccountState,
): readonly AccountEvent[] {
  const { accountId } = command.data;
  switch (command.type) {
    case 'Deposit': {
      const { amount, description } = command.data;
      requireMovable(state, amount);
      const balanceAfter = addMoney(state.balance, amount);
      const data = { accountId, amount, balanceAfter, ...definedOnly({ description }) };
      return [{ type: 'MoneyDeposited', data }];
    }
    case 'Withdraw': {
      const { amount, description } = command.data;
      requireMovable(state, amount);
      if (amount.minor > state.balance.minor)
        throw new InsufficientFundsError({ accountId, balance: state.balance, asked: amount });
      const balanceAfter = subtractMoney(state.balance, amount);
      const data = { accountId, amount, balanceAfter, ...definedOnly({ description }) };
      return [{ type: 'MoneyWithdrawn', data }];
    }
    case 'CloseAccount': {
      if (state.balance.minor !== 0) throw new BalanceNotZeroError({ accountId, balance: state.balance });
      return [
        { type: 'AccountClosed', data: { accountId, ...definedOnly({ reason: command.data.reason }) } },
      ];
    }
  }
}

function requireMovable({ accountId, currency }: AccountState, amount: Money): void {
  if (amount.currency !== currency)
    throw new AccountCurrencyMismatchError({ accountId, expected: currency, actual: amount.currency });
  if (amount.minor <= 0) throw new MovementNotPositiveError({});
}
