import { column } from '@headrace/projections';
import {
  accountContracts,
  accountFold,
  accountIdSchema,
  accountStatusSchema,
  accountStream,
  accountView,
  currencySchema,
  sumSchema,
  sumToDecimal,
} from '@headrace/shop';
import { sql } from 'kysely';
import { z } from 'zod';
import { textParameter } from '../queries/parameters.ts';
import { defineReadModel, type Totals } from './define-read-model.ts';
import { byStream } from './row-order.ts';

/** What the selected accounts hold together, by currency. */
const totals: Totals = {
  schema: z.array(
    z.object({
      currency: z.string(),
      accounts: z.int(),
      balance: sumSchema.describe('what they hold together; text beyond 15 digits'),
    }),
  ),
  read: async ({ db }, table, where) => {
    const { rows } = await sql<{ currency: string; accounts: number; minor: string }>`
      select currency, count(*) as accounts, sum(balance_minor)::text as minor
      from ${sql.table(table)} where ${where} group by currency order by currency`.execute(db);
    return rows.map(({ currency, accounts, minor }) => ({
      currency,
      accounts,
      balance: sumToDecimal(BigInt(minor), currency),
    }));
  },
};

export const accounts = defineReadModel({
  name: 'accounts',
  layout: 1,
  description: 'Each account as it is now: owner, balance, status.',
  noun: 'account',
  contracts: accountContracts,
  fold: accountFold,
  view: accountView,
  columns: {
    owner: { ...column.text, from: ({ owner }) => owner },
    currency: { ...column.text, from: ({ currency }) => currency },
    status: { ...column.text, from: ({ status }) => status },
    /** In minor units of `currency`. */
    balance_minor: { ...column.bigint, from: ({ balance }) => balance.minor },
  },
  indexes: [
    ['owner', 'stream'],
    ['currency', 'stream'],
  ],
  find: {
    query: 'account',
    summary: 'One account',
    parameter: 'accountId',
    schema: accountIdSchema,
    streamOf: accountStream,
    notFound: 'There is no such account, or it is not here yet (see wait_for).',
  },
  list: {
    query: 'accounts',
    summary: 'Accounts by owner, status or currency, and what all of them hold together',
    filters: {
      owner: { column: 'owner', schema: textParameter.optional().describe('only accounts of this owner') },
      status: {
        column: 'status',
        schema: accountStatusSchema.optional().describe('only accounts in this status'),
      },
      currency: {
        column: 'currency',
        schema: currencySchema.optional().describe('only accounts in this currency'),
      },
    },
    order: byStream,
    totals,
  },
});
