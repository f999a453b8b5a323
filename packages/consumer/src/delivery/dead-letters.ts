import { entryIdOf, formatPosition, partitionOfPosition } from '@headrace/event-schema';
import { type EventStore, PAGE_LIMITS } from '@headrace/event-store';
import type { DeadLetter, DeadLetterPage, DeadLetterQuery } from '../status.ts';

/** Events read at once. They may be large, which is known only when they are here. */
const STEP = 8;

/** A dead letter without its event. */
export type ParkedEntry = Omit<DeadLetter, 'eventId' | 'event'> & { readonly entryId: string };

/** Where a parked event stands among the others of its group. */
export type ParkedPlace = Pick<ParkedEntry, 'partition' | 'stream' | 'entryId'>;

/** @param after with the position of an event */
export function placeOf(after: NonNullable<DeadLetterQuery['after']>): ParkedPlace {
  const { stream, eventId } = after;
  return { partition: partitionOfPosition(eventId), stream, entryId: entryIdOf(eventId) };
}

/**
 * Reads the events of a page of parked entries, until it is large enough.
 * @param entries in order; one more than `limit` where there are more
 */
export async function readDeadLetters(
  store: EventStore,
  entries: readonly ParkedEntry[],
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

async function deadLetter(store: EventStore, { entryId, ...facts }: ParkedEntry): Promise<DeadLetter> {
  const eventId = formatPosition(facts.partition, entryId);
  return { ...facts, eventId, event: await store.readEvent(eventId) };
}
