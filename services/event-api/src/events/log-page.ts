import type { EventStore } from '@headrace/event-store';
import type { LogCursor } from './cursor.ts';
import { type PresentedEvent, presentEvent, sizeOf } from './present-event.ts';
import { PAGE_CHARACTERS } from './stream-page.ts';

/** Events that one request looks at, so that a filter that nothing passes does not keep it busy for minutes. */
const LOOKED_AT = 10_000;

export interface LogQuery {
  readonly category?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

export interface LogPage {
  readonly events: PresentedEvent[];
  /** False when the end of the log was reached. */
  readonly hasMore: boolean;
}

/**
 * The next events of the log that a query asks for. Moves `cursor` past every event that was looked at, also past
 * those that do not match; going on from there skips nothing, as each partition only grows at its end.
 */
export async function readLogPage(store: EventStore, cursor: LogCursor, query: LogQuery): Promise<LogPage> {
  const { category, limit, sinceMs } = query;
  const types = query.types === undefined ? undefined : new Set(query.types);
  const events: PresentedEvent[] = [];
  let characters = 0;
  let lookedAt = 0;
  const log = store.readLog({ after: cursor.after, ...(sinceMs === undefined ? {} : { sinceMs }) });
  for await (const event of log) {
    if (events.length === limit || characters >= PAGE_CHARACTERS || lookedAt === LOOKED_AT)
      return { events, hasMore: true };
    lookedAt += 1;
    cursor.moveTo(event.position);
    if (category !== undefined && event.category !== category) continue;
    if (types !== undefined && !types.has(event.type)) continue;
    const presented = presentEvent(event);
    events.push(presented);
    characters += sizeOf(presented);
  }
  return { events, hasMore: false };
}
