import { formatPosition } from '@headrace/event-schema';
import { type EventStore, PAGE_LIMITS } from '@headrace/event-store';
import type { DeadLetter, DeadLetterPage } from './dead-letter.ts';
import type { StoredParkedEvent } from './parked-event.ts';

/** Events read at once. They may be large, which is known only once they are read. */
const STEP = 8;

/**
 * Reads the events of a page of parked entries, until it is large enough.
 * @param entries in order; one more than `limit` where there are more
 */
export async function readDeadLetters(
  store: EventStore,
  entries: readonly StoredParkedEvent[],
  limit: number,
): Promise<DeadLetterPage> {
  const wanted = entries.slice(0, limit);
  const letters: DeadLetter[] = [];
  let size = 0;
  while (letters.length < wanted.length && size < PAGE_LIMITS.bytes) {
    const step = wanted.slice(letters.length, letters.length + STEP);
    const read = await Promise.all(step.map((entry) => deadLetter(store, entry)));
    letters.push(...read);
    size += JSON.stringify(read).length;
  }
  return { letters, size, isEnd: letters.length === entries.length };
}

async function deadLetter(store: EventStore, { entryId, ...facts }: StoredParkedEvent): Promise<DeadLetter> {
  const eventId = formatPosition(facts.partition, entryId);
  return { ...facts, eventId, event: await store.readEvent(eventId) };
}
