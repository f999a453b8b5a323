import type { EventEnvelope } from '@headrace/event-schema';
import { storedEvent } from '@headrace/event-store';
import { factsOfEvent } from '../delivery/message-facts.ts';
import type { Consumer } from '../runtime/consumer.ts';
import type { ConsumerOptions } from '../runtime/consumer-options.ts';
import type { Delivery } from './inbox.ts';
import { createInboxConsumer } from './inbox-consumer.ts';

/** What an acknowledged consumer does with one event. */
export interface EventHandler {
  /** Event types that are handled; absent: all, also those that no contract is known of. */
  readonly types?: readonly string[];
  /** The event is acknowledged once this resolves. It may be called again for the same event: see `redelivered`. */
  handle(event: EventEnvelope, delivery: Delivery): Promise<void>;
}

/**
 * A consumer for effects outside any database, such as mail: at least once, events of one stream in order, up
 * to `policy.concurrency` streams of a partition at once.
 */
export function createEventConsumer(options: ConsumerOptions & { readonly handler: EventHandler }): Consumer {
  const { store, handler } = options;
  return createInboxConsumer<EventEnvelope>(options, {
    key: store.keys.log,
    decode: (partition, entryId, fields) => store.registry.decode(storedEvent(partition, entryId, fields)),
    sequenceOf: (event) => event.stream,
    wants: (event) => handler.types === undefined || handler.types.includes(event.type),
    unreadable: (event) => (handler.types === undefined ? undefined : event.unreadable),
    handle: (event, delivery) => handler.handle(event, delivery),
    factsOf: factsOfEvent,
    removeWhenDone: false,
  });
}
