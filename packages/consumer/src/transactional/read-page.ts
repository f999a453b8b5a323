import { type EventEnvelope, formatPosition } from '@headrace/event-schema';
import { readEntries, storedEvent } from '@headrace/event-store';
import { DivergedError, type SessionContext } from '../delivery/session.ts';
import { type CheckpointEvent, divergenceOf } from './divergence.ts';

/**
 * The next events of the partition, in order, at most a batch. Each page begins with the event before it, so that
 * a log that loses its tail under a running consumer is noticed with the next page, at no further call.
 * @throws DivergedError
 */
export async function readPage(
  context: SessionContext,
  after: CheckpointEvent,
): Promise<readonly EventEnvelope[]> {
  const { store, lease, policy } = context;
  const count = policy.batchSize + (after.entryId === null ? 0 : 1);
  const key = store.keys.log(lease.partition);
  const page = await readEntries(store.redis, key, after.entryId ?? '-', count);
  const entries = page.map(([id, fields]) => storedEvent(lease.partition, id, fields ?? []));
  if (after.entryId !== null) {
    const first = entries.shift();
    const same =
      first?.position === formatPosition(lease.partition, after.entryId) &&
      first.stream === after.stream &&
      first.version === after.version;
    if (!same) throw await lostEvent(context, after);
  }
  return entries.map((entry) => store.registry.decode(entry));
}

async function lostEvent({ store, lease }: SessionContext, after: CheckpointEvent): Promise<DivergedError> {
  const found = await divergenceOf(store, lease.partition, after);
  return found ?? new DivergedError('the log has changed while it was read');
}
