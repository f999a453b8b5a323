import type { EventStore } from '@headrace/event-store';
import { within } from '@headrace/service-kit';

const TIMEOUT_MS = 1_000;

/**
 * How many entries each partition of the log has had, by partition; null while Redis cannot tell. A lag is worth
 * knowing, but no reason for an answer from PostgreSQL to fail.
 */
export async function logEntries(store: Pick<EventStore, 'partitions' | 'keys' | 'redis'>) {
  const partitions = Array.from({ length: store.partitions }, (_, partition) => partition);
  try {
    return await within(TIMEOUT_MS, () =>
      Promise.all(partitions.map((partition) => entriesAdded(store, partition))),
    );
  } catch {
    return null;
  }
}

async function entriesAdded(
  { redis, keys }: Pick<EventStore, 'keys' | 'redis'>,
  partition: number,
): Promise<number> {
  try {
    const info = await redis.xinfo('STREAM', keys.log(partition));
    const at = Array.isArray(info) ? info.indexOf('entries-added') : -1;
    return Array.isArray(info) && at >= 0 ? Number(info[at + 1]) : 0;
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 0;
    throw error;
  }
}
