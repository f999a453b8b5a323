import { type EventStore, openEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';

/** The event store of a running system; whoever opens it closes it. */
export function openStore(redisUrl: string): Promise<EventStore> {
  return openEventStore({ redisUrl, registry: shopRegistry });
}
