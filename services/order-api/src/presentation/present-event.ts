import { definedOnly, type EventEnvelope } from '@headrace/event-schema';
import { currencyIn, withDecimals } from '@headrace/shop';
import { z } from 'zod';

export const orderEventSchema = z
  .object({
    eventId: z.string(),
    type: z.string(),
    version: z.int().describe('1-based place in the order'),
    timestamp: z.string().describe('business time, ISO 8601; what times are compared with `by=occurred`'),
    recordedAt: z
      .string()
      .describe('when it was stored, ISO 8601; what `at`, `from` and `to` compare by default'),
    schemaVersion: z.int(),
    data: z.record(z.string(), z.unknown()).describe('money as decimal numbers, in `currency`'),
    meta: z
      .object({
        commandId: z.string().optional(),
        correlationId: z.string().optional(),
        causationId: z.string().optional(),
        actor: z.string().optional(),
        traceparent: z.string().optional(),
      })
      .describe('who asked for it, and what belongs together'),
    unreadable: z
      .string()
      .optional()
      .describe('why `data` is as it was stored, and not of the newest version'),
  })
  .meta({ id: 'OrderEvent' });

/** One event of an order as HTTP shows it. */
export type PresentedEvent = z.output<typeof orderEventSchema>;

/** Money becomes decimal numbers, its currency a field of `data`. The caller's address stays in the audit log. */
export function presentEvent(event: EventEnvelope): PresentedEvent {
  const { id, type, version, occurredAt, recordedAt, schemaVersion, unreadable } = event;
  const { commandId, correlationId, causationId, actor, traceparent } = event.meta;
  return {
    eventId: id,
    type,
    version,
    timestamp: occurredAt,
    recordedAt,
    schemaVersion,
    data: unreadable === undefined ? presentData(event.data) : { ...objectOf(event.data) },
    meta: definedOnly({ commandId, correlationId, causationId, actor, traceparent }),
    ...definedOnly({ unreadable }),
  };
}

function presentData(data: unknown): Record<string, unknown> {
  return {
    ...definedOnly({ currency: currencyIn(data) }),
    ...objectOf(withDecimals(data)),
  };
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : { value };
}
