import {
  addWhole,
  column,
  defineProjection,
  type EnvelopeOf,
  nullable,
  type RowOf,
} from '@headrace/projections';
import { orderContracts } from '@headrace/shop';
import { businessDayOf } from './business-time.ts';
import { streamOfEvent } from './stream-of-event.ts';

/** What was given back on one day, in minor units. */
export interface RefundsOfDay {
  readonly day: string;
  /** A number, or text where no number holds the sum exactly. */
  readonly minor: number | string;
}

type OrderEnvelope = EnvelopeOf<(typeof orderContracts)[number]>;

const { text, bigint, date } = column;

const columns = {
  stream: text,
  currency: text,
  placed_on: date,
  paid_on: nullable(date),
  paid_minor: bigint,
  shipped_on: nullable(date),
  delivered_on: nullable(date),
  cancelled_on: nullable(date),
  /** One entry for each day, so that the row stays small however many parts a refund has. */
  refunds: column.jsonb<readonly RefundsOfDay[]>(),
  last_refund_on: nullable(date),
} as const;

/** On which days (UTC, business time) an order was placed, paid, …, and what it brought. */
export type OrderDaysRow = RowOf<typeof columns>;

const orderDays = { key: streamOfEvent, evolve };

/**
 * What each order contributes to the days; the query adds up. One row for an order rather than one for a day: only
 * the order knows the currency of its delivery, partitions never wait for each other on today's row, and nothing
 * can be counted twice.
 */
export const dailySummary = defineProjection({
  name: 'daily_summary',
  version: 1,
  description:
    'What each order contributes to the days: placed, shipped, delivered, cancelled, revenue, refunds.',
  columns,
  key: 'stream',
  indexes: [
    ['placed_on', 'currency'],
    ['paid_on', 'currency', 'paid_minor'],
    ['shipped_on', 'currency'],
    ['delivered_on', 'currency'],
    ['cancelled_on', 'currency'],
    ['last_refund_on', 'currency'],
  ],
  events: orderContracts,
  on: {
    OrderPlaced: orderDays,
    PaymentReceived: orderDays,
    OrderShipped: orderDays,
    OrderDelivered: orderDays,
    OrderCancelled: orderDays,
    OrderRefunded: orderDays,
  },
});

/**
 * Counts from `OrderPlaced` on: a draft, also a cancelled one, never was an order. Money in another currency than the
 * order's is left out, as the order's fold does.
 */
function evolve(row: OrderDaysRow | null, event: OrderEnvelope): OrderDaysRow | null {
  const day = businessDayOf(event);
  if (event.type === 'OrderPlaced') {
    const { currency } = event.data.amount;
    return { ...(row ?? fresh(event.stream)), currency, placed_on: day };
  }
  return row === null ? null : afterPlacing(row, event, day);
}

function fresh(stream: string): Omit<OrderDaysRow, 'currency' | 'placed_on'> {
  return {
    stream,
    paid_on: null,
    paid_minor: 0,
    shipped_on: null,
    delivered_on: null,
    cancelled_on: null,
    refunds: [],
    last_refund_on: null,
  };
}

function afterPlacing(row: OrderDaysRow, event: OrderEnvelope, day: string): OrderDaysRow {
  switch (event.type) {
    case 'PaymentReceived':
      if (event.data.amount.currency !== row.currency) return row;
      return { ...row, paid_on: day, paid_minor: event.data.amount.minor };
    case 'OrderShipped':
      return { ...row, shipped_on: day };
    case 'OrderDelivered':
      return { ...row, delivered_on: day };
    case 'OrderCancelled':
      return { ...row, cancelled_on: day };
    case 'OrderRefunded':
      if (event.data.amount.currency !== row.currency) return row;
      return withRefund(row, { day, minor: event.data.amount.minor });
    default:
      return row;
  }
}

interface Added {
  readonly day: string;
  readonly minor: number;
}

function withRefund(row: OrderDaysRow, added: Added): OrderDaysRow {
  const { refunds, last_refund_on: last } = row;
  const first = !refunds.some(({ day }) => day === added.day);
  return {
    ...row,
    refunds: first ? [...refunds, added] : refunds.map((refund) => addedTo(refund, added)),
    last_refund_on: last === null || last < added.day ? added.day : last,
  };
}

function addedTo(refund: RefundsOfDay, { day, minor }: Added): RefundsOfDay {
  return refund.day === day ? { day, minor: exactly(addWhole(String(refund.minor), minor)) } : refund;
}

function exactly(sum: string): number | string {
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : sum;
}
