import type { EventEnvelope } from '@headrace/event-schema';

/** ISO 8601 needs four-digit years, and `timestamptz` ends at 4713 BC: what lies outside is no business time. */
const EARLIEST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Business time of an event; the time of recording where it lies outside of the years 1 to 9999. */
export function businessTimeOf(event: Pick<EventEnvelope, 'occurredAt' | 'recordedAt'>): Date {
  const ms = Date.parse(event.occurredAt);
  return new Date(ms >= EARLIEST_MS && ms <= LATEST_MS ? ms : Date.parse(event.recordedAt));
}

/** Day in UTC, `YYYY-MM-DD`, of an event's business time. */
export function businessDayOf(event: Pick<EventEnvelope, 'occurredAt' | 'recordedAt'>): string {
  return businessTimeOf(event).toISOString().slice(0, 10);
}
