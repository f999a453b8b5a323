import { type Decider, definedOnly } from '@headrace/event-schema';
import {
  type AccountCommand,
  type AccountEvent,
  type AccountState,
  accountIdSchema,
  knownCurrency,
  type Money,
  moneySchema,
  nameSchema,
  textSchema,
  toMinor,
} from '@headrace/shop';
import { z } from 'zod';
import { createAccountDecider } from '../domain/accounts/decide.ts';
import { AccountNotFoundError } from '../domain/accounts/errors.ts';

// A command as it is asked for differs from the one that is decided on in its money: an amount is a decimal number,
// and without a currency it is in the account's, which is known only once the account is loaded.

/** Whether it is a currency is a question of its value (422), not of its shape (400). */
const currencyText = z.string().min(1).max(20);

export const openAccountRequest = z.strictObject({
  accountId: accountIdSchema,
  owner: nameSchema,
  currency: currencyText.default('USD').describe('ISO 4217 code; of the account for good'),
});

const movement = {
  accountId: accountIdSchema,
  currency: currencyText
    .exactOptional()
    .describe("ISO 4217 code; default and only choice the account's currency"),
  description: textSchema.exactOptional(),
};

/** A deposit or withdrawal as people write it. */
export const movementRequest = z.strictObject({
  ...movement,
  amount: z.number().describe('above zero, with no more decimals than the currency has'),
});

/** The same as it may stand on a queue: other services send amounts as the command's contract has them. */
export const queuedMovement = z.strictObject({ ...movement, amount: z.union([z.number(), moneySchema]) });

type OpenAccountRequest = z.output<typeof openAccountRequest>;
type MovementRequest = z.output<typeof queuedMovement>;

export type AccountRequest =
  | { readonly type: 'OpenAccount'; readonly data: OpenAccountRequest }
  | { readonly type: 'Deposit' | 'Withdraw'; readonly data: MovementRequest }
  | Extract<AccountCommand, { readonly type: 'CloseAccount' }>;

/**
 * The rules of accounts, for requests. Refuses what the rules do, and with UnknownCurrencyError,
 * TooManyDecimalsError and AmountOutOfRangeError what is no money.
 */
export function createAccountRequestDecider(
  now: () => Date,
): Decider<AccountRequest, AccountState | null, AccountEvent> {
  const rules = createAccountDecider(now);
  return { ...rules, decide: (request, state) => rules.decide(commandOf(request, state), state) };
}

function commandOf(request: AccountRequest, state: AccountState | null): AccountCommand {
  switch (request.type) {
    case 'OpenAccount':
      knownCurrency(request.data.currency);
      return request;
    case 'Deposit':
    case 'Withdraw': {
      const { accountId, description } = request.data;
      const amount = amountOf(request.data, state);
      return { type: request.type, data: { accountId, amount, ...definedOnly({ description }) } };
    }
    case 'CloseAccount':
      return request;
  }
}

function amountOf({ accountId, amount, currency }: MovementRequest, state: AccountState | null): Money {
  if (typeof amount !== 'number') return amount;
  if (state === null) throw new AccountNotFoundError({ accountId });
  return toMinor(amount, currency ?? state.currency);
}
