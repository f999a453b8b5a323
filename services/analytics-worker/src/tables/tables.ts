/**
 * The schema as Kysely sees it. Every statement of this service is a set-based one, written in SQL, so that no
 * table has a type here; `migrations.ts` has them all.
 */
export type AnalyticsTables = Record<never, never>;
