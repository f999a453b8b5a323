import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { AnalyticsTables } from '../tables/tables.ts';
import type { TimeRange } from './range.ts';

/** Runs queries that all see the numbers of one moment, between the batches of every partition. */
export function readSnapshot<Result>(
  db: Kysely<AnalyticsTables>,
  read: (tx: Transaction<AnalyticsTables>) => Promise<Result>,
): Promise<Result> {
  return db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);
}

/** The condition that a time column lies in a range, whose ends may be open. */
export function within(column: string, { fromMs, toMs }: Partial<TimeRange>): RawBuilder<boolean> {
  const from = fromMs === undefined ? sql`true` : sql`${sql.ref(column)} >= ${timestamp(fromMs)}`;
  const to = toMs === undefined ? sql`true` : sql`${sql.ref(column)} < ${timestamp(toMs)}`;
  return sql<boolean>`(${from} and ${to})`;
}

/** The condition on the currency, if one is asked for. */
export function inCurrency(currency: string | undefined): RawBuilder<boolean> {
  return currency === undefined ? sql<boolean>`true` : sql<boolean>`currency = ${currency}`;
}

function timestamp(ms: number): RawBuilder<Date> {
  return sql<Date>`${new Date(ms).toISOString()}::timestamptz`;
}
