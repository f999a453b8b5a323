import type { Kysely } from 'kysely';
import type { AnalyticsTables } from '../tables/tables.ts';

/** What the routes read from. */
export interface AnalyticsDeps {
  readonly db: Kysely<AnalyticsTables>;
  /** Milliseconds since the epoch; where a range without an end ends. */
  readonly now: () => number;
}
