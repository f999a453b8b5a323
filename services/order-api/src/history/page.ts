import type { EventStore } from '@headrace/event-store';
import { type PresentedEvent, presentEvent } from '../presentation/present-event.ts';

/** What one answer holds at most. A single event may be larger. */
export const HISTORY_PAGE = { events: 1_000, characters: 2 * 1024 * 1024 } as const;

/** Events asked for at once: an event may hold half a megabyte. */
const STEP = 50;

/** Versions of an order, inclusive. */
export interface HistoryRange {
  readonly first: number;
  readonly last: number;
  /** Events at most. */
  readonly limit: number;
}

export interface HistoryPage {
  readonly events: PresentedEvent[];
  /** The version to go on with; undefined where the range has been told. */
  readonly next: number | undefined;
}

/** The first events of a range, as many as fit one answer. */
export async function readHistoryPage(
  store: EventStore,
  stream: string,
  { first, last, limit }: HistoryRange,
): Promise<HistoryPage> {
  const end = Math.min(last, first + limit - 1);
  const events: PresentedEvent[] = [];
  let characters = 0;
  for (let from = first; from <= end; from += STEP) {
    const toVersion = Math.min(end, from + STEP - 1);
    for await (const event of store.readStream(stream, { fromVersion: from, toVersion })) {
      const presented = presentEvent(event);
      events.push(presented);
      characters += JSON.stringify(presented).length;
      if (characters >= HISTORY_PAGE.characters) return { events, next: nextOf(event.version, last) };
    }
  }
  return { events, next: nextOf(end, last) };
}

function nextOf(version: number, last: number): number | undefined {
  return version < last ? version + 1 : undefined;
}
