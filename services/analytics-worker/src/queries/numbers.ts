import { sumToDecimal } from '@headrace/shop';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import { KINDS, type Kind } from '../batch/changes.ts';
import type { AnalyticsTables } from '../tables/tables.ts';
import type { TimeRange } from './range.ts';
import { inCurrency, within } from './read-snapshot.ts';

export type Counts = Readonly<Record<Kind, number>>;

/** Counts and money of one currency; money in decimal units, as text where no number is sure to hold it. */
export interface CurrencyNumbers extends Counts {
  readonly currency: string;
  readonly payments: number | string;
  readonly refunds: number | string;
  readonly net: number | string;
}

/** The numbers of some time. */
export interface Numbers {
  /** Over all currencies. */
  readonly counts: Counts;
  /** Different customers who placed an order. */
  readonly uniqueCustomers: number;
  /** By currency code; only currencies in which something happened. */
  readonly byCurrency: readonly CurrencyNumbers[];
}

/** The start of the hour or day that a row belongs to; a constant makes one bucket of all rows. */
type Bucket = RawBuilder<unknown>;

type SumRow = { readonly bucket: number; readonly currency: string } & Readonly<
  Record<Kind | 'payments' | 'refunds', string>
>;

interface CustomersRow {
  readonly bucket: number;
  readonly customers: number;
}

export interface NumbersQuery {
  readonly range: Partial<TimeRange>;
  readonly currency?: string | undefined;
  readonly bucket: Bucket;
}

/** The numbers of each bucket, by the bucket's value; buckets in which nothing happened are absent. */
export async function readNumbers(
  tx: Transaction<AnalyticsTables>,
  { range, currency, bucket }: NumbersQuery,
): Promise<ReadonlyMap<number, Numbers>> {
  const where = sql`${within('hour', range)} and ${inCurrency(currency)}`;
  const totals = sql.join(
    [...KINDS, 'payments', 'refunds'].map((name) => sql`sum(${sql.ref(name)}) as ${sql.ref(name)}`),
  );
  const sums = await sql<SumRow>`
    select ${bucket} as bucket, currency, ${totals}
    from hours where ${where} group by 1, 2 order by 1, 2`.execute(tx);
  // distinct rows first, for which a hash serves; count(distinct …) would sort them all
  const customers = await sql<CustomersRow>`
    select bucket, count(*) as customers
    from (select distinct ${bucket} as bucket, user_id from customer_hours where ${where}) as seen
    group by 1`.execute(tx);
  const unique = new Map(customers.rows.map((row) => [row.bucket, row.customers]));
  const rowsByBucket = Map.groupBy(sums.rows, (row) => row.bucket);
  return new Map(
    [...rowsByBucket].map(([value, rows]) => [
      value,
      numbersOf(rows.map(currencyNumbers), unique.get(value) ?? 0),
    ]),
  );
}

/** Adds up what happened in each currency. */
export function numbersOf(byCurrency: readonly CurrencyNumbers[], uniqueCustomers: number): Numbers {
  const total = (kind: Kind) => byCurrency.reduce((sum, numbers) => sum + numbers[kind], 0);
  return { counts: countsBy(total), uniqueCustomers, byCurrency };
}

function currencyNumbers(row: SumRow): CurrencyNumbers {
  const { currency } = row;
  const payments = BigInt(row.payments);
  const refunds = BigInt(row.refunds);
  return {
    currency,
    ...countsBy((kind) => Number(row[kind])),
    payments: sumToDecimal(payments, currency),
    refunds: sumToDecimal(refunds, currency),
    net: sumToDecimal(payments - refunds, currency),
  };
}

function countsBy(count: (kind: Kind) => number): Counts {
  return {
    placed: count('placed'),
    paid: count('paid'),
    shipped: count('shipped'),
    delivered: count('delivered'),
    cancelled: count('cancelled'),
    refunded: count('refunded'),
  };
}
