import { accountContracts } from '@headrace/event-schema';
import { column, defineProjection, type RowOf } from '@headrace/projections';
import type { AccountEnvelope } from './accounts.ts';
import { businessDayOf } from './business-time.ts';

const { text, bigint, date } = column;

const columns = {
  /** Stream and day. */
  id: text,
  day: date,
  currency: text,
  deposits_minor: bigint,
  withdrawals_minor: bigint,
} as const;

/** What moved on one account on one day (UTC, business time), in minor units. */
export type AccountDaysRow = RowOf<typeof columns>;

type Movement = Extract<AccountEnvelope, { type: 'MoneyDeposited' | 'MoneyWithdrawn' }>;

const movement = { key: (event: Movement) => `${event.stream} ${businessDayOf(event)}`, evolve };

/** Deposits and withdrawals for the daily summary; one row for an account and day, so that no partition waits. */
export const accountDays = defineProjection({
  name: 'account_days',
  version: 1,
  description: 'What moved on each account on each day: deposits and withdrawals.',
  columns,
  key: 'id',
  indexes: [['day', 'currency']],
  events: accountContracts,
  on: { MoneyDeposited: movement, MoneyWithdrawn: movement },
});

function evolve(row: AccountDaysRow | null, event: Movement): AccountDaysRow {
  const { minor, currency } = event.data.amount;
  const day = businessDayOf(event);
  const before = row ?? {
    id: movement.key(event),
    day,
    currency,
    deposits_minor: 0,
    withdrawals_minor: 0,
  };
  return event.type === 'MoneyDeposited'
    ? { ...before, deposits_minor: before.deposits_minor + minor }
    : { ...before, withdrawals_minor: before.withdrawals_minor + minor };
}
