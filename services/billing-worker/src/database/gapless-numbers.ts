import type { Transaction } from 'kysely';
import type { BillingTables, SeriesTable } from './tables.ts';

/**
 * Takes `count` consecutive numbers and returns the first. The series stays locked until the transaction ends, so
 * its numbers have no gaps and become visible in their order, over all partitions and instances. Take numbers
 * late, and of `invoice` before `posting`: everybody does, so that nobody deadlocks.
 */
export async function takeNumbers(
  tx: Transaction<BillingTables>,
  name: SeriesTable['name'],
  count: number,
): Promise<number> {
  const { last } = await tx
    .updateTable('series')
    .set((row) => ({ last: row('last', '+', count) }))
    .where('name', '=', name)
    .returning('last')
    .executeTakeFirstOrThrow();
  return last - count + 1;
}
