import { type Kysely, sql } from 'kysely';
import type { AnalyticsTables } from '../tables/tables.ts';
import { type Numbers, numbersOf, readNumbers } from './numbers.ts';
import { type Granularity, stepsOf, type TimeRange } from './range.ts';
import { readSnapshot } from './read-snapshot.ts';

export interface TimeseriesQuery {
  readonly range: TimeRange;
  readonly granularity: Granularity;
  readonly currency?: string | undefined;
}

/** Numbers of an hour or a day. */
export interface Point extends Numbers {
  /** When it begins, ms since the epoch. */
  readonly atMs: number;
}

/** The numbers of every hour or day of the range, also of those in which nothing happened. */
export async function readTimeseries(
  db: Kysely<AnalyticsTables>,
  { range, granularity, currency }: TimeseriesQuery,
): Promise<readonly Point[]> {
  const bucket = sql`(extract(epoch from date_trunc(${sql.lit(granularity)}, hour, 'UTC')) * 1000)::float8`;
  const numbers = await readSnapshot(db, (tx) => readNumbers(tx, { range, currency, bucket }));
  return stepsOf(range, granularity).map((atMs) => ({ atMs, ...(numbers.get(atMs) ?? numbersOf([], 0)) }));
}
