import type { EventEnvelope } from '@headrace/event-schema';

/** Key of a row that is about one stream. */
export function streamOfEvent(event: EventEnvelope): string {
  return event.stream;
}
