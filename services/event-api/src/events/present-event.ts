import { definedOnly, type EventEnvelope } from '@headrace/event-schema';
import { z } from 'zod';

export const eventSchema = z
  .object({
    eventId: z.string(),
    position: z.string().describe('`<partition>-<ms>-<seq>`: where in the log the event is'),
    streamId: z.string(),
    category: z.string(),
    version: z.int().describe('1-based place in the stream'),
    eventType: z.string(),
    schemaVersion: z.int().describe('version of the contract that eventData follows'),
    eventData: z.unknown().describe('as its contract has it: money as `{ minor, currency }`'),
    metadata: z.record(z.string(), z.unknown()).describe('who asked for it, and what belongs together'),
    timestamp: z.string().describe('business time, ISO 8601; what `at` is compared with by `occurred`'),
    recordedAt: z
      .string()
      .describe('when it was stored, ISO 8601; what `at` is compared with by default, and `since`'),
    unreadable: z
      .string()
      .optional()
      .describe('why `eventData` is as it was stored, and not of the newest version'),
  })
  .meta({ id: 'Event' });

/** One event as HTTP shows it. */
export type PresentedEvent = z.output<typeof eventSchema>;

/** The store's own marks stay inside, and so does the caller's address, which is for the audit log. */
export function presentEvent(event: EventEnvelope): PresentedEvent {
  const { fingerprint: _, ip: __, occurredAt: ___, ...metadata } = event.meta;
  // an event without a contract is as good as any other here
  const unreadable = event.unreadable === 'unknown-type' ? undefined : event.unreadable;
  return {
    eventId: event.id,
    position: event.position,
    streamId: event.stream,
    category: event.category,
    version: event.version,
    eventType: event.type,
    schemaVersion: event.schemaVersion,
    eventData: event.data,
    metadata,
    timestamp: event.occurredAt,
    recordedAt: event.recordedAt,
    ...definedOnly({ unreadable }),
  };
}

/** Characters that an event takes in an answer. */
export function sizeOf(event: PresentedEvent): number {
  return JSON.stringify(event).length;
}
