import type { EventStore } from '@headrace/event-store';
import { type PresentedEvent, presentEvent, sizeOf } from './present-event.ts';

/** An answer grows no further than this, unless a single event does. */
export const PAGE_CHARACTERS = 2 * 1024 * 1024;

/** Nothing is known of the size of a stream's events before the first are there. */
const FIRST_READ_EVENTS = 25;

/** Part of a stream, in the order in which it is to be read. Versions are inclusive. */
export interface StreamRange {
  readonly first: number;
  /** Below `first` to read backwards. */
  readonly last: number;
  readonly limit: number;
}

/**
 * The first events of a range, as many as fit one answer. Read in steps, so that memory depends neither on the
 * length of the stream nor on the size of its events.
 */
export async function readStreamPage(
  store: EventStore,
  stream: string,
  { first, last, limit }: StreamRange,
): Promise<PresentedEvent[]> {
  const step = last >= first ? 1 : -1;
  const wanted = Math.min(limit, Math.abs(last - first) + 1);
  const events: PresentedEvent[] = [];
  let characters = 0;
  for (let count = FIRST_READ_EVENTS; events.length < wanted && characters < PAGE_CHARACTERS; ) {
    const from = first + events.length * step;
    const to = from + (Math.min(count, wanted - events.length) - 1) * step;
    const before = events.length;
    for await (const event of store.readStream(stream, between(from, to))) {
      const presented = presentEvent(event);
      events.push(presented);
      characters += sizeOf(presented);
      if (characters >= PAGE_CHARACTERS) return events;
    }
    // the stream is shorter than it was: somebody restored a backup
    if (events.length === before) return events;
    count = Math.max(1, Math.floor((PAGE_CHARACTERS - characters) / (characters / events.length)));
  }
  return events;
}

function between(from: number, to: number) {
  return to >= from
    ? { fromVersion: from, toVersion: to, direction: 'forwards' as const }
    : { fromVersion: to, toVersion: from, direction: 'backwards' as const };
}
