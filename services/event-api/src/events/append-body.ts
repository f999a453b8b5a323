import { z } from 'zod';
import { streamIdSchema, timeSchema } from '../http/fields.ts';

/** Written by the store alone. */
const RESERVED = ['commandId', 'fingerprint', 'ip'];

const id = z.string().min(1).max(256);

/** What travels with an event. All events of one append share the first four fields. */
export const metadataSchema = z
  .looseObject({
    correlationId: id.optional().describe('default X-Correlation-Id'),
    causationId: id.optional().describe('of an event of this log: the new events sort after it'),
    actor: id.optional().describe('default X-Actor'),
    traceparent: z.string().max(128).optional(),
    occurredAt: timeSchema.optional(),
  })
  .superRefine((metadata, context) => {
    for (const name of RESERVED) {
      if (name in metadata)
        context.addIssue({ code: 'custom', path: [name], message: 'is set by the event store' });
    }
  })
  .describe('further fields are kept as they are');

const eventFields = {
  eventType: z
    .string()
    .min(1)
    .max(128)
    .describe('a type with a contract is validated against its newest version'),
  eventData: z.record(z.string(), z.unknown()),
  metadata: metadataSchema.optional(),
  occurredAt: timeSchema.optional().describe('business time, where it is not the time of recording'),
};

const newEventSchema = z.strictObject(eventFields);
export type NewEventBody = z.output<typeof newEventSchema>;

const expectedVersion = z
  .union([z.int().min(0), z.enum(['no-stream', 'exists', 'any'])])
  .optional()
  .describe(
    'what the stream must be at, 0 for no stream; 409 with expected and actual otherwise. Default any',
  );

const singleBody = z.strictObject({ streamId: streamIdSchema, ...eventFields, expectedVersion });
const batchBody = z.strictObject({
  streamId: streamIdSchema,
  events: z.array(newEventSchema).min(1).describe('up to 1,000, stored all or none'),
  expectedVersion,
});

/** One event, or several that are stored all or none. */
export const appendBody = z.union([singleBody, batchBody]).meta({
  examples: [
    {
      streamId: 'sensor:42',
      eventType: 'TemperatureMeasured',
      eventData: { celsius: 21.5 },
      metadata: { correlationId: 'morning-round' },
    },
    {
      streamId: 'account:ACC-777',
      eventType: 'AccountOpened',
      eventData: {
        accountId: 'ACC-777',
        owner: 'Ada',
        currency: 'USD',
        openedAt: '2024-01-02T09:00:00.000Z',
      },
      occurredAt: '2024-01-02T09:00:00Z',
      expectedVersion: 0,
    },
    {
      streamId: 'sensor:43',
      events: [
        { eventType: 'SensorInstalled', eventData: { place: 'roof' } },
        { eventType: 'TemperatureMeasured', eventData: { celsius: -3 } },
      ],
      expectedVersion: 'no-stream',
    },
  ],
});
export type AppendBody = z.output<typeof appendBody>;
