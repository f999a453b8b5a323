import { addWhole, column, defineProjection, type EnvelopeOf, type RowOf } from '@headrace/projections';
import { accountContracts, type moneyDeposited, type moneyWithdrawn } from '@headrace/shop';
import { businessDayOf } from './business-time.ts';

const { text, numeric, date } = column;

const columns = {
  /** Stream, day and currency: an event in another currency than its account's is never added to the others. */
  id: text,
  day: date,
  currency: text,
  deposits_minor: numeric,
  withdrawals_minor: numeric,
} as const;

/** What moved on one account on one day (UTC, business time), in minor units; however much, so in no number. */
export type AccountDaysRow = RowOf<typeof columns>;

type Movement = EnvelopeOf<typeof moneyDeposited | typeof moneyWithdrawn>;

const movement = {
  key: (event: Movement) => `${event.stream} ${businessDayOf(event)} ${event.data.amount.currency}`,
  evolve,
};

/** Deposits and withdrawals for the daily summary; one row for an account and day, so that no partition waits. */
export const accountDays = defineProjection({
  name: 'account_days',
  version: 2,
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
    deposits_minor: '0',
    withdrawals_minor: '0',
  };
  return event.type === 'MoneyDeposited'
    ? { ...before, deposits_minor: addWhole(before.deposits_minor, minor) }
    : { ...before, withdrawals_minor: addWhole(before.withdrawals_minor, minor) };
}
