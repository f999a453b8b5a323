import { type CommandOf, defineCommand } from '@headrace/event-schema';
import { z } from 'zod';
import { currencySchema, moneySchema, nameSchema, textSchema } from '../fields.ts';
import { ACCOUNT_CATEGORY, accountIdSchema, accountStream } from './account-stream.ts';

const category = ACCOUNT_CATEGORY;
const streamOf = ({ accountId }: { readonly accountId: string }): string => accountStream(accountId);

export const openAccount = defineCommand({
  type: 'OpenAccount',
  category,
  description: 'Open an account with a balance of zero.',
  schema: z.strictObject({ accountId: accountIdSchema, owner: nameSchema, currency: currencySchema }),
  streamOf,
});

const movement = {
  accountId: accountIdSchema,
  amount: moneySchema,
  description: textSchema.exactOptional(),
};

export const deposit = defineCommand({
  type: 'Deposit',
  category,
  description: 'Put money in, in the account’s currency.',
  schema: z.strictObject(movement),
  streamOf,
});

export const withdraw = defineCommand({
  type: 'Withdraw',
  category,
  description: 'Take money out, no more than there is.',
  schema: z.strictObject(movement),
  streamOf,
});

export const closeAccount = defineCommand({
  type: 'CloseAccount',
  category,
  description: 'Close an account whose balance is zero.',
  schema: z.strictObject({ accountId: accountIdSchema, reason: textSchema.exactOptional() }),
  streamOf,
});

export const accountCommandContracts = [openAccount, deposit, withdraw, closeAccount] as const;

export type AccountCommand = CommandOf<(typeof accountCommandContracts)[number]>;
