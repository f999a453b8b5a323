import type { Queryable } from '@headrace/projections';
import { cursorOf, encodeCursor } from '@headrace/service-kit';
import { currencySchema, sumSchema, sumToDecimal } from '@headrace/shop';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { pageOf, textInCursor } from './page.ts';
import { commonParameters, dayParameter, inOrder, limitUpTo } from './parameters.ts';

const placeSchema = z.tuple([dayParameter, textInCursor]);

export const dailySummaryParameters = z
  .strictObject({
    from: dayParameter.optional().describe('first day (UTC), such as 2026-01-01'),
    to: dayParameter.optional().describe('last day (UTC), itself included'),
    currency: currencySchema.optional().describe('only this currency'),
    limit: limitUpTo(1_000, 100),
    cursor: cursorOf(placeSchema).optional(),
    ...commonParameters,
  })
  .refine(inOrder, { path: ['to'], message: 'must not be before from' });

type Parameters = Pick<
  z.output<typeof dailySummaryParameters>,
  'from' | 'to' | 'currency' | 'limit' | 'cursor'
>;

/** One day (UTC, business time) in one currency. */
export const dayTotalsSchema = z
  .object({
    day: z.iso.date(),
    currency: z.string(),
    ordersPlaced: z.int(),
    ordersShipped: z.int(),
    ordersDelivered: z.int(),
    ordersCancelled: z.int(),
    revenue: sumSchema.describe('payments received; this and the next three are text beyond 15 digits'),
    refunds: sumSchema.describe('money given back'),
    deposits: sumSchema.describe('put into accounts'),
    withdrawals: sumSchema.describe('taken out of accounts'),
  })
  .meta({
    id: 'DayTotals',
    examples: [
      {
        day: '2026-01-15',
        currency: 'EUR',
        ordersPlaced: 12,
        ordersShipped: 9,
        ordersDelivered: 4,
        ordersCancelled: 1,
        revenue: 1299.5,
        refunds: 39.9,
        deposits: 1500,
        withdrawals: 500,
      },
    ],
  });

interface DayRow {
  readonly day: string;
  readonly currency: string;
  readonly placed: number;
  readonly shipped: number;
  readonly delivered: number;
  readonly cancelled: number;
  readonly revenue_minor: string;
  readonly refunds_minor: string;
  readonly deposits_minor: string;
  readonly withdrawals_minor: string;
}

/** Tables that the days are added up from. */
export interface DayTables {
  readonly orderDays: string;
  readonly accountDays: string;
}

/** Columns with the day of a step of an order, and what the step is counted as. */
const STEPS = [
  { day: 'placed_on', counts: 'placed' },
  { day: 'shipped_on', counts: 'shipped' },
  { day: 'delivered_on', counts: 'delivered' },
  { day: 'cancelled_on', counts: 'cancelled' },
] as const;

/** A page of days, newest first. Its cost grows with the number of orders and busy accounts in the range. */
export async function listDays({ db }: Queryable, tables: DayTables, parameters: Parameters) {
  const { limit } = parameters;
  const { rows } = await sql<DayRow>`
    select day, currency,
      count(*) filter (where step = 'placed') as placed,
      count(*) filter (where step = 'shipped') as shipped,
      count(*) filter (where step = 'delivered') as delivered,
      count(*) filter (where step = 'cancelled') as cancelled,
      coalesce(sum(minor) filter (where step = 'paid'), 0)::text as revenue_minor,
      coalesce(sum(minor) filter (where step = 'refunded'), 0)::text as refunds_minor,
      coalesce(sum(minor) filter (where step = 'deposited'), 0)::text as deposits_minor,
      coalesce(sum(minor) filter (where step = 'withdrawn'), 0)::text as withdrawals_minor
    from (${contributions(tables, parameters)}) as contributions
    ${afterCursor(parameters)}
    group by day, currency
    order by day desc, currency limit ${limit + 1}`.execute(db);
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map(presentDay),
    nextCursor: last === undefined ? null : encodeCursor([last.day, last.currency]),
  };
}

function contributions(tables: DayTables, parameters: Parameters): RawBuilder<unknown> {
  const from = sql.table(tables.orderDays);
  const accounts = sql.table(tables.accountDays);
  const inRange = (day: RawBuilder<unknown>) => within(day, parameters);
  const counted = STEPS.map(({ day, counts }) => {
    const column = sql.ref(day);
    return sql`select ${column} as day, currency, ${sql.lit(counts)} as step, 0 as minor from ${from} where ${inRange(column)}`;
  });
  const paid = sql`select paid_on, currency, 'paid', paid_minor from ${from} where ${inRange(sql`paid_on`)}`;
  const refunded = sql`
    select (refund ->> 'day')::date, currency, 'refunded', (refund ->> 'minor')::numeric
    from ${from}, jsonb_array_elements(refunds) as refund
    where ${refundedSince(parameters)} and ${inRange(sql`(refund ->> 'day')::date`)}`;
  const moved = sql`
    select day, currency, 'deposited', deposits_minor from ${accounts} where ${inRange(sql`day`)}
    union all select day, currency, 'withdrawn', withdrawals_minor from ${accounts} where ${inRange(sql`day`)}`;
  return sql.join([...counted, paid, refunded, moved], sql` union all `);
}

/** Few orders are refunded: the index on `last_refund_on` finds them. */
function refundedSince({ from }: Parameters): RawBuilder<unknown> {
  return from === undefined ? sql`last_refund_on is not null` : sql`last_refund_on >= ${from}::date`;
}

/** Limits each part, so that each can use its index; a later page needs no day above its cursor's. */
function within(day: RawBuilder<unknown>, { from, to, currency, cursor }: Parameters): RawBuilder<unknown> {
  const conditions = [sql`${day} is not null`];
  if (from !== undefined) conditions.push(sql`${day} >= ${from}::date`);
  if (to !== undefined) conditions.push(sql`${day} <= ${to}::date`);
  if (cursor !== undefined) conditions.push(sql`${day} <= ${cursor[0]}::date`);
  if (currency !== undefined) conditions.push(sql`currency = ${currency}`);
  return sql.join(conditions, sql` and `);
}

function afterCursor({ cursor }: Parameters): RawBuilder<unknown> {
  if (cursor === undefined) return sql``;
  const [day, currency] = cursor;
  return sql`where day < ${day}::date or (day = ${day}::date and currency > ${currency})`;
}

function presentDay(row: DayRow) {
  const { day, currency } = row;
  return {
    day,
    currency,
    ordersPlaced: row.placed,
    ordersShipped: row.shipped,
    ordersDelivered: row.delivered,
    ordersCancelled: row.cancelled,
    revenue: sumToDecimal(BigInt(row.revenue_minor), currency),
    refunds: sumToDecimal(BigInt(row.refunds_minor), currency),
    deposits: sumToDecimal(BigInt(row.deposits_minor), currency),
    withdrawals: sumToDecimal(BigInt(row.withdrawals_minor), currency),
  };
}
