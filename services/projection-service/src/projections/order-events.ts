import type { EventEnvelope } from '@headrace/event-schema';
import type { OrderEvent } from '@headrace/shop';

/** An order's event as projections receive it. */
export type OrderEnvelope = {
  [Type in OrderEvent['type']]: EventEnvelope<Type, Extract<OrderEvent, { type: Type }>['data']>;
}[OrderEvent['type']];

/**
 * Key of everything that is kept for an order. The stream rather than the order's id: one partition owns a stream,
 * and an id is only what the events of some stream say.
 */
export function streamOfEvent(event: EventEnvelope): string {
  return event.stream;
}
