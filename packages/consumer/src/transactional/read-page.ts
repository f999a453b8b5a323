import type { EventEnvelope } from '@headrace/event-schema';
import { type RawEntry, storedEvent } from '@headrace/event-store';
import type { SessionContext } from '../delivery/session.ts';

/** The next events of the partition after an entry id, in order, at most a batch. */
export async function readPage(
  context: SessionContext,
  afterEntryId: string,
): Promise<readonly EventEnvelope[]> {
  const { store, lease, policy } = context;
  const start = afterEntryId === '0' ? '-' : `(${afterEntryId}`;
  const reply = await store.redis.xrange(
    store.keys.log(lease.partition),
    start,
    '+',
    'COUNT',
    policy.batchSize,
  );
  const entries = reply as unknown as RawEntry[];
  return entries.map(([id, fields]) => store.registry.decode(storedEvent(lease.partition, id, fields ?? [])));
}
