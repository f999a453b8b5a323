import type { TransactionalHandler } from '@headrace/consumer';
import { partitionOfPosition } from '@headrace/event-schema';
import { sql, type Transaction } from 'kysely';
import { foldBatch } from './batch/fold-batch.ts';
import { COUNTED_EVENT_TYPES, factOf } from './facts/order-fact.ts';
import { loadOrders } from './tables/load-orders.ts';
import type { AnalyticsTables } from './tables/tables.ts';
import { writeChanges } from './tables/write-changes.ts';

/** Counts a batch of one partition, in the transaction that moves its checkpoint: each event once. */
export const analyticsHandler: TransactionalHandler<Transaction<AnalyticsTables>> = {
  types: COUNTED_EVENT_TYPES,
  async handle(events, tx) {
    const [first] = events;
    if (first === undefined) return;
    const facts = events.map(factOf).filter((fact) => fact !== null);
    const known = await loadOrders(tx, facts);
    await writeChanges(tx, partitionOfPosition(first.position), foldBatch(facts, known));
  },
  /** All that is kept is what the log says: it can be counted anew. */
  async reset(tx) {
    await sql`truncate orders, hours, customer_hours, product_days`.execute(tx);
  },
};
