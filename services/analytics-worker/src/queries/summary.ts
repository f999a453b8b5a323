import { type Kysely, sql } from 'kysely';
import type { AnalyticsTables } from '../tables/tables.ts';
import { type Numbers, numbersOf, readNumbers } from './numbers.ts';
import type { TimeRange } from './range.ts';
import { readSnapshot } from './read-snapshot.ts';

const ALL_TIME = 0;

/** The numbers of a range as a whole. */
export async function readSummary(db: Kysely<AnalyticsTables>, range: Partial<TimeRange>): Promise<Numbers> {
  const bucket = sql`${sql.lit(ALL_TIME)}::float8`;
  const numbers = await readSnapshot(db, (tx) => readNumbers(tx, { range, bucket }));
  return numbers.get(ALL_TIME) ?? numbersOf([], 0);
}
