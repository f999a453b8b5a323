import type { EventEnvelope, EventMap, ReadableType, ReadEvent } from '@headrace/event-schema';
import { storedEvent } from '@headrace/event-store';
import { factsOfEvent } from '../delivery/message-facts.ts';
import type { Consumer } from '../runtime/consumer.ts';
import type { ConsumerOptions } from '../runtime/consumer-options.ts';
import type { Delivery } from './inbox.ts';
import { createInboxConsumer } from './inbox-consumer.ts';

/** What an acknowledged consumer does with one event. A handler of named types gets their contracts' data. */
export interface EventHandler<Events extends EventMap = EventMap, Type extends string = string> {
  /** Event types that are handled; absent: all, also those that no contract is known of. */
  readonly types?: readonly Type[];
  /** The event is acknowledged once this resolves. It may be called again for the same event: see `redelivered`. */
  handle(event: ReadEvent<Events, Type>, delivery: Delivery): Promise<void>;
}

export interface EventConsumerOptions<Events extends EventMap, Type extends string>
  extends ConsumerOptions<Events> {
  /** With a registry that lists its types, no other type can be asked for. */
  readonly handler: EventHandler<Events, Type> & { readonly types?: readonly ReadableType<Events>[] };
}

/**
 * A consumer for effects outside any database, such as mail: at least once, events of one stream in order, up
 * to `policy.concurrency` streams of a partition at once.
 */
export function createEventConsumer<Events extends EventMap = EventMap, const Type extends string = string>(
  options: EventConsumerOptions<Events, Type>,
): Consumer {
  const { store } = options;
  const handler: EventHandler = options.handler;
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
