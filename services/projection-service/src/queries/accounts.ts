import { definedOnly } from '@headrace/event-schema';
import type { Queryable } from '@headrace/projections';
import { cursorOf, encodeCursor } from '@headrace/service-kit';
import { accountIdSchema, currencySchema, sumSchema, sumToDecimal, toDecimal } from '@headrace/shop';
import { sql } from 'kysely';
import { z } from 'zod';
import { type AccountRow, accountStatusSchema } from '../projections/accounts.ts';
import { pageOf, textInCursor } from './cursor.ts';
import { commonParameters, limitUpTo, textParameter } from './parameters.ts';

export const accountParameters = z.strictObject({
  accountId: accountIdSchema.describe('the account'),
  ...commonParameters,
});

export const accountsParameters = z.strictObject({
  owner: textParameter.optional().describe('only accounts of this owner'),
  status: accountStatusSchema.optional().describe('only accounts in this status'),
  currency: currencySchema.optional().describe('only accounts in this currency'),
  limit: limitUpTo(200, 50),
  cursor: cursorOf(textInCursor).optional(),
  ...commonParameters,
});

type ListParameters = Pick<
  z.output<typeof accountsParameters>,
  'owner' | 'status' | 'currency' | 'limit' | 'cursor'
>;

/** An account as clients see it: the balance as a decimal of `currency`, times in ISO 8601 and UTC. */
export const accountSchema = z
  .object({
    accountId: z.string(),
    owner: z.string(),
    currency: z.string(),
    balance: z.number(),
    status: accountStatusSchema,
    openedAt: z.iso.datetime(),
    closedAt: z.iso.datetime().optional(),
    lastUpdated: z.iso.datetime(),
    version: z.int().describe('version of the last event of its stream that is in here'),
  })
  .meta({
    id: 'AccountView',
    examples: [
      {
        accountId: 'ACC-001',
        owner: 'Ada Lovelace',
        currency: 'USD',
        balance: 1000,
        status: 'active',
        openedAt: '2026-01-15T14:00:00.000Z',
        lastUpdated: '2026-01-16T09:30:00.000Z',
        version: 5,
      },
    ],
  });

/** All accounts that a list is about, whatever the page. */
export const bankTotalSchema = z.object({
  currency: z.string(),
  accounts: z.int(),
  balance: sumSchema.describe('what they hold together; text beyond 15 digits'),
});

/** The account that a stream holds; undefined where the read model has none. */
export async function findAccount(
  { db }: Queryable,
  table: string,
  stream: string,
): Promise<AccountRow | undefined> {
  const { rows } = await sql<AccountRow>`select * from ${sql.table(table)} where stream = ${stream}`.execute(
    db,
  );
  return rows[0];
}

/** A page of accounts, by stream name, and what all of them hold, by currency. */
export async function listAccounts({ db }: Queryable, table: string, parameters: ListParameters) {
  const { limit, cursor } = parameters;
  const about = conditionsOf(parameters);
  const here = cursor === undefined ? about : sql`${about} and stream > ${cursor}`;
  const { rows } = await sql<AccountRow>`
    select * from ${sql.table(table)} where ${here} order by stream limit ${limit + 1}`.execute(db);
  const totals = await sql<{ currency: string; accounts: number; minor: string }>`
    select currency, count(*) as accounts, sum(balance_minor)::text as minor
    from ${sql.table(table)} where ${about} group by currency order by currency`.execute(db);
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map(presentAccount),
    totals: totals.rows.map(({ currency, accounts, minor }) => ({
      currency,
      accounts,
      balance: sumToDecimal(BigInt(minor), currency),
    })),
    nextCursor: last === undefined ? null : encodeCursor(last.stream),
  };
}

function conditionsOf({ owner, status, currency }: ListParameters) {
  const conditions = [sql`true`];
  if (owner !== undefined) conditions.push(sql`owner = ${owner}`);
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (currency !== undefined) conditions.push(sql`currency = ${currency}`);
  return sql.join(conditions, sql` and `);
}

export function presentAccount(row: AccountRow) {
  const { account_id: accountId, owner, currency, status, version } = row;
  return {
    accountId,
    owner,
    currency,
    balance: toDecimal({ minor: row.balance_minor, currency }),
    status,
    openedAt: row.opened_at.toISOString(),
    ...definedOnly({ closedAt: row.closed_at?.toISOString() }),
    lastUpdated: row.last_updated.toISOString(),
    version,
  };
}
