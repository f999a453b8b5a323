import { defineEvent, type EventOf, isBusinessTime, nextVersion } from '@headrace/event-schema';
import { z } from 'zod';
import { currencySchema, moneySchema, nameSchema, textSchema } from '../fields.ts';
import { toMinorRounded } from '../money/money.ts';
import { ACCOUNT_CATEGORY, accountIdSchema } from './account-stream.ts';

const category = ACCOUNT_CATEGORY;
/** What deposits without a currency were in. */
const CURRENCY_BEFORE_VERSION_2 = 'USD';

export const accountOpened = defineEvent({
  type: 'AccountOpened',
  category,
  description: 'An account was opened, with a balance of zero.',
  schema: z.strictObject({
    accountId: accountIdSchema,
    owner: nameSchema,
    currency: currencySchema,
    openedAt: z.iso.datetime().refine(isBusinessTime, { message: 'not a time from year 1 to year 9998' }),
  }),
});

const moneyDepositedV1 = defineEvent({
  type: 'MoneyDeposited',
  category,
  description: 'Money came in; `balanceAfter` includes it.',
  schema: z.strictObject({
    accountId: accountIdSchema,
    amount: z.number().min(0),
    balanceAfter: z.number().min(0),
    description: textSchema.exactOptional(),
  }),
});

const movement = {
  accountId: accountIdSchema,
  amount: moneySchema,
  balanceAfter: moneySchema,
  description: textSchema.exactOptional(),
};

export const moneyDeposited = nextVersion(
  moneyDepositedV1,
  z.strictObject(movement),
  ({ amount, balanceAfter, ...rest }) => ({
    ...rest,
    amount: toMinorRounded(amount, CURRENCY_BEFORE_VERSION_2),
    balanceAfter: toMinorRounded(balanceAfter, CURRENCY_BEFORE_VERSION_2),
  }),
);

export const moneyWithdrawn = defineEvent({
  type: 'MoneyWithdrawn',
  category,
  description: 'Money went out; `balanceAfter` is without it.',
  schema: z.strictObject(movement),
});

export const accountClosed = defineEvent({
  type: 'AccountClosed',
  category,
  description: 'The account takes no more movements. Its balance was zero.',
  schema: z.strictObject({ accountId: accountIdSchema, reason: textSchema.exactOptional() }),
});

export const accountContracts = [accountOpened, moneyDeposited, moneyWithdrawn, accountClosed] as const;

export type AccountOpened = EventOf<typeof accountOpened>;
export type MoneyDeposited = EventOf<typeof moneyDeposited>;
export type MoneyWithdrawn = EventOf<typeof moneyWithdrawn>;
export type AccountClosed = EventOf<typeof accountClosed>;

export type AccountEvent = EventOf<(typeof accountContracts)[number]>;
