import { recordedMsOf } from '@headrace/event-schema';
import type { AppendResult, NewEvent } from '@headrace/event-store';
import { z } from 'zod';

const appendedSchema = z.object({
  eventId: z.string().describe('what `wait_for` takes'),
  streamId: z.string(),
  version: z.int().describe('1-based place in the stream'),
  eventType: z.string(),
  timestamp: z.string().describe('business time, ISO 8601'),
  position: z.string(),
});

export const appendAnswerSchema = z.union([
  appendedSchema.meta({ id: 'AppendedEvent' }),
  z
    .object({
      streamId: z.string(),
      version: z.int().describe('of the stream after the last event'),
      events: z.array(appendedSchema),
    })
    .meta({ id: 'AppendedBatch' }),
]);
export type AppendAnswer = z.output<typeof appendAnswerSchema>;

/** Tells of each event that was stored, in order; a repeat under a key gets the very same. */
export function appendAnswer(
  { stream, version, positions }: AppendResult,
  events: readonly NewEvent[],
  isBatch: boolean,
): AppendAnswer {
  const appended = positions.map((position, i) => ({
    eventId: position,
    streamId: stream,
    version: version - positions.length + i + 1,
    eventType: events[i]?.type ?? '',
    timestamp: new Date(events[i]?.occurredAt ?? recordedMsOf(position)).toISOString(),
    position,
  }));
  const [only] = appended;
  return isBatch || only === undefined ? { streamId: stream, version, events: appended } : only;
}
