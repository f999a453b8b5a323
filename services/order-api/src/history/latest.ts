import type { EventStore } from '@headrace/event-store';
import { orderStream } from '@headrace/shop';

/** Events that an order tells of itself; all of them are at its own path. */
export const LATEST_EVENTS = 100;

/** One event of an order's past; `timestamp` is business time. */
export interface HistoryEntry {
  readonly type: string;
  readonly timestamp: string;
  readonly eventId: string;
}

export interface LatestHistory {
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
  readonly hasEarlier: boolean;
}

/** What the last versions up to `version` brought an order, without what no contract describes. */
export async function latestHistory(
  store: EventStore,
  orderId: string,
  version: number,
): Promise<LatestHistory> {
  const fromVersion = Math.max(1, version - LATEST_EVENTS + 1);
  const entries: HistoryEntry[] = [];
  for await (const event of store.readStream(orderStream(orderId), { fromVersion, toVersion: version })) {
    const { type, occurredAt: timestamp, id: eventId, unreadable } = event;
    if (unreadable === undefined) entries.push({ type, timestamp, eventId });
  }
  return { entries, hasEarlier: fromVersion > 1 };
}
