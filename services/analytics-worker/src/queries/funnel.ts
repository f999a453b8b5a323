import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Kind } from '../batch/changes.ts';
import type { AnalyticsTables } from '../tables/tables.ts';
import type { TimeRange } from './range.ts';
import { within } from './read-snapshot.ts';

/** Between which stages times are measured. */
const MEASURED = [
  ['placed', 'paid'],
  ['paid', 'shipped'],
  ['shipped', 'delivered'],
  ['placed', 'delivered'],
] as const satisfies readonly (readonly [Kind, Kind])[];

/** From one stage to another, in seconds of business time. */
export interface StageDuration {
  readonly from: Kind;
  readonly to: Kind;
  /** Orders that were measured: they reached both stages, in this order. */
  readonly orders: number;
  /** Null when none was measured. */
  readonly averageSeconds: number | null;
  readonly p50Seconds: number | null;
  readonly p95Seconds: number | null;
}

export interface FunnelStage {
  readonly stage: Kind;
  readonly orders: number;
  /** Share of the placed orders, 0 to 1; null when none was placed. */
  readonly ofPlaced: number | null;
  /** Share of the orders that reached the stage before; null for the first stage and when there are none. */
  readonly ofPrevious: number | null;
}

export interface Funnel {
  readonly stages: readonly FunnelStage[];
  readonly cancelled: number;
  readonly refunded: number;
  readonly durations: readonly StageDuration[];
}

interface Measured {
  readonly orders: number;
  readonly average: number | null;
  readonly percentiles: readonly [number, number] | null;
}

type CohortRow = Readonly<Record<Kind | 'paid_and_shipped' | 'shipped_and_delivered', number>> & {
  /** In the order of `MEASURED`. */
  readonly durations: readonly Measured[];
};

/** What has become of the orders that were placed in a range. */
export async function readFunnel(db: Kysely<AnalyticsTables>, range: TimeRange): Promise<Funnel> {
  const { rows } = await sql<CohortRow>`
    select count(*) as placed, count(paid_at) as paid, count(shipped_at) as shipped,
      count(delivered_at) as delivered, count(cancelled_at) as cancelled, count(refunded_at) as refunded,
      count(*) filter (where paid_at is not null and shipped_at is not null) as paid_and_shipped,
      count(*) filter (where shipped_at is not null and delivered_at is not null) as shipped_and_delivered,
      json_build_array(${sql.join(MEASURED.map(([from, to]) => measured(from, to)))}) as durations
    from orders
    where ${within('placed_at', range)}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate without groups has one row');
  return funnelOf(row);
}

/** An order on account may be paid after it was shipped: it has no time from payment to shipping. */
function measured(from: Kind, to: Kind): RawBuilder<Measured> {
  const seconds = sql`(extract(epoch from ${sql.ref(`${to}_at`)} - ${sql.ref(`${from}_at`)})::float8)`;
  const inOrder = sql`filter (where ${seconds} >= 0)`;
  return sql<Measured>`json_build_object(
    'orders', count(*) ${inOrder},
    'average', avg(${seconds}) ${inOrder},
    'percentiles', percentile_cont(array[0.5, 0.95]) within group (order by ${seconds}) ${inOrder})`;
}

function funnelOf(row: CohortRow): Funnel {
  const { placed, paid, shipped, delivered, cancelled, refunded, durations } = row;
  return {
    stages: [
      { stage: 'placed', orders: placed, ofPlaced: share(placed, placed), ofPrevious: null },
      { stage: 'paid', orders: paid, ofPlaced: share(paid, placed), ofPrevious: share(paid, placed) },
      {
        stage: 'shipped',
        orders: shipped,
        ofPlaced: share(shipped, placed),
        ofPrevious: share(row.paid_and_shipped, paid),
      },
      {
        stage: 'delivered',
        orders: delivered,
        ofPlaced: share(delivered, placed),
        ofPrevious: share(row.shipped_and_delivered, shipped),
      },
    ],
    cancelled,
    refunded,
    durations: MEASURED.map(([from, to], index) => durationOf(from, to, durations[index])),
  };
}

function durationOf(from: Kind, to: Kind, found: Measured | undefined): StageDuration {
  return {
    from,
    to,
    orders: found?.orders ?? 0,
    averageSeconds: roundedSeconds(found?.average),
    p50Seconds: roundedSeconds(found?.percentiles?.[0]),
    p95Seconds: roundedSeconds(found?.percentiles?.[1]),
  };
}

/** Four digits: a hundredth of a percent. */
function share(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000;
}

/** Three digits, which is how exact the times of events are. */
function roundedSeconds(seconds: number | null | undefined): number | null {
  return seconds === null || seconds === undefined ? null : Math.round(seconds * 1_000) / 1_000;
}
