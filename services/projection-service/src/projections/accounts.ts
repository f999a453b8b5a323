import type { EventEnvelope } from '@headrace/event-schema';
import { column, defineProjection, nullable, type RowOf } from '@headrace/projections';
import { type AccountEvent, type AccountState, accountContracts, accountFold } from '@headrace/shop';
import { z } from 'zod';
import { businessTimeOf } from './business-time.ts';
import { oneOf } from './one-of.ts';
import { streamOfEvent } from './order-events.ts';

/** An account's event as projections receive it. */
export type AccountEnvelope = {
  [Type in AccountEvent['type']]: EventEnvelope<Type, Extract<AccountEvent, { type: Type }>['data']>;
}[AccountEvent['type']];

export const accountStatusSchema = z.enum(['active', 'closed']) satisfies z.ZodType<AccountState['status']>;

const { text, bigint, timestamptz } = column;

const columns = {
  stream: text,
  account_id: text,
  owner: text,
  currency: text,
  balance_minor: bigint,
  status: oneOf(accountStatusSchema),
  opened_at: timestamptz,
  closed_at: nullable(timestamptz),
  last_updated: timestamptz,
  version: bigint,
} as const;

/** One account of the read model; money in minor units of `currency`, times are business time. */
export type AccountRow = RowOf<typeof columns>;

const account = { key: streamOfEvent, evolve };

export const accounts = defineProjection({
  name: 'accounts',
  version: 2,
  description: 'Each account as it is now: owner, balance, status.',
  columns,
  key: 'stream',
  indexes: [
    ['owner', 'stream'],
    ['currency', 'stream'],
  ],
  events: accountContracts,
  on: { AccountOpened: account, MoneyDeposited: account, MoneyWithdrawn: account, AccountClosed: account },
});

/** Folds as the write side does, so that both sides can never disagree on what an event means. */
function evolve(row: AccountRow | null, event: AccountEnvelope): AccountRow | null {
  const before = row === null ? null : stateOf(row);
  const occurredAt = businessTimeOf(event).toISOString();
  const after = accountFold.evolve(before, event, { ...event, occurredAt });
  return after === null || after === before ? row : rowOf(event.stream, after);
}

function stateOf(row: AccountRow): AccountState {
  const { account_id: accountId, owner, currency, status, version } = row;
  return {
    accountId,
    owner,
    currency,
    status,
    version,
    balance: { minor: row.balance_minor, currency },
    openedAt: row.opened_at.toISOString(),
    ...(row.closed_at === null ? {} : { closedAt: row.closed_at.toISOString() }),
    lastUpdated: row.last_updated.toISOString(),
  };
}

function rowOf(stream: string, state: AccountState): AccountRow {
  const { accountId, owner, currency, balance, status, openedAt, closedAt, lastUpdated, version } = state;
  return {
    stream,
    account_id: accountId,
    owner,
    currency,
    balance_minor: balance.minor,
    status,
    opened_at: new Date(openedAt),
    closed_at: closedAt === undefined ? null : new Date(closedAt),
    last_updated: new Date(lastUpdated),
    version,
  };
}
