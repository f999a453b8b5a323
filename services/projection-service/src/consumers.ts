import { type Consumer, type ConsumerOptions, createTransactionalConsumer } from '@headrace/consumer';
import {
  createDatabase,
  createPostgresSink,
  type Database,
  type DatabaseOptions,
  type Projection,
  prepareProjections,
  projectionGroup,
  projectionHandler,
} from '@headrace/projections';
import { auditLog } from './projections/audit-log.ts';
import { dailySummary } from './projections/daily-summary.ts';
import { orders } from './projections/orders.ts';

/** The schema of the read models; `prepareReadModels` before use, and close it. */
export function createReadModels(options: Omit<DatabaseOptions, 'migrations'>): Database<unknown> {
  return createDatabase<unknown>({ ...options, migrations: {} });
}

/** Creates what is missing in the schema; safe in several processes at once, repeatable. */
export async function prepareReadModels(database: Database<unknown>): Promise<void> {
  await database.migrate();
  await prepareProjections(database, [orders, auditLog, dailySummary]);
}

/**
 * A consumer for each projection, each with its own group and so its own pace. Stop them before store and database
 * are closed.
 */
export function createProjectionConsumers(
  database: Database<unknown>,
  options: Omit<ConsumerOptions, 'group'>,
): readonly Consumer[] {
  const sink = createPostgresSink(database);
  const consumerOf = <Row>(projection: Projection<Row>): Consumer =>
    createTransactionalConsumer({
      ...options,
      group: projectionGroup(projection),
      sink,
      handler: projectionHandler<unknown, Row>(projection),
    });
  return [consumerOf(orders), consumerOf(auditLog), consumerOf(dailySummary)];
}
