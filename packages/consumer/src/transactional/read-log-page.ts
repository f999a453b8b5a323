import { type EventEnvelope, formatPosition } from '@headrace/event-schema';
import { type EventStore, readEntries, storedEvent } from '@headrace/event-store';
import { DivergedError } from '../errors.ts';
import { type CheckpointEvent, divergenceOf } from './divergence.ts';

export interface LogPage {
  readonly events: readonly EventEnvelope[];
  /** Whether it is known that nothing was behind them. */
  readonly isEnd: boolean;
}

/**
 * The next events of the partition, in order: at most `limit`, and fewer where they are large. Each page begins with
 * the event before it, so that a log that loses its tail under a running consumer is noticed with the next page, at
 * no further call.
 * @throws DivergedError
 */
export async function readPage(
  store: EventStore,
  partition: number,
  after: CheckpointEvent,
  limit: number,
): Promise<LogPage> {
  const count = limit + (after.entryId === null ? 0 : 1);
  const key = store.keys.log(partition);
  const page = await readEntries(store.redis, key, after.entryId ?? '-', count);
  const entries = page.entries.map(([id, fields]) => storedEvent(partition, id, fields ?? []));
  if (after.entryId !== null) {
    const first = entries.shift();
    const same =
      first?.position === formatPosition(partition, after.entryId) &&
      first.stream === after.stream &&
      first.version === after.version;
    if (!same) throw await lostEvent(store, partition, after);
  }
  return { events: entries.map((entry) => store.registry.decode(entry)), isEnd: page.isEnd };
}

async function lostEvent(
  store: EventStore,
  partition: number,
  after: CheckpointEvent,
): Promise<DivergedError> {
  const found = await divergenceOf(store, partition, after);
  return found ?? new DivergedError('the log has changed while it was read');
}
