import type { QueryExecutorProvider } from 'kysely';

/** Anything that runs queries: a `Database`, or `{ db: tx }` for a transaction. */
export interface Queryable {
  readonly db: QueryExecutorProvider;
}
