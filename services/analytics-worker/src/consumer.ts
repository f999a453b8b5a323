import { type Consumer, type ConsumerOptions, createTransactionalConsumer } from '@headrace/consumer';
import { createDatabase, createPostgresSink, type Database, type DatabaseOptions } from '@headrace/postgres';
import { analyticsHandler } from './handler.ts';
import { migrations } from './tables/migrations.ts';
import type { AnalyticsTables } from './tables/tables.ts';

/** The schema of the numbers; `migrate` it before use, and close it. */
export function createAnalyticsDatabase(
  options: Omit<DatabaseOptions, 'migrations'>,
): Database<AnalyticsTables> {
  return createDatabase<AnalyticsTables>({ ...options, migrations });
}

/** Counts the log into the database, as group `analytics`. Stop it before the store and the database are closed. */
export function createAnalyticsConsumer(
  database: Database<AnalyticsTables>,
  options: Omit<ConsumerOptions, 'group'>,
): Consumer {
  return createTransactionalConsumer({
    ...options,
    group: 'analytics',
    sink: createPostgresSink(database),
    handler: analyticsHandler,
  });
}
