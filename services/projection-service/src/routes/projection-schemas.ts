import { z } from 'zod';

const progressSchema = z.object({
  handledEvents: z.int(),
  totalEvents: z.int().nullable(),
  eventsToGo: z.int().nullable(),
  percent: z.number().nullable(),
  eventsPerSecond: z.int().nullable().describe('over the last seconds; only while it is being built'),
  secondsLeft: z.int().nullable().describe('at that speed'),
});

const rowSchema = z.record(z.string(), z.unknown()).nullable();

export const comparisonSchema = z
  .object({
    activeRows: z.int(),
    targetRows: z.int(),
    compared: z.int().describe('rows of a random sample of both'),
    different: z.int().describe('how many of those differ'),
    differences: z
      .array(z.object({ key: z.string(), active: rowSchema, target: rowSchema }))
      .readonly()
      .describe('the first of them; null: no such row'),
  })
  .meta({ id: 'VersionComparison' });

const position = {
  group: z.string().describe('its consumer group, as in /consumer and XINFO GROUPS'),
  lastProcessedPosition: z
    .record(z.string(), z.string().nullable())
    .describe('by partition, the last event that needs no more work; null before the first'),
  lag: z.int().nullable().describe('events of the log not handled yet; null while Redis cannot tell'),
  progress: progressSchema,
  parkedEvents: z.int(),
  updatedAt: z.iso.datetime().nullable().describe('when it last moved'),
};

const versionSchema = z
  .object({
    version: z.int(),
    foldVersion: z.int().describe('version of the code that fills it'),
    state: z
      .enum(['active', 'building', 'standby', 'retiring'])
      .describe('`standby` goes on to be filled, and can be switched to'),
    switch: z.enum(['auto', 'manual']).nullable().describe('how a build takes the place of the active one'),
    ...position,
    divergedPartitions: z
      .array(z.int())
      .readonly()
      .nullable()
      .describe('partitions that stand still, because they have handled what the log has lost: rebuild'),
    comparison: comparisonSchema
      .nullable()
      .describe('with the version that was active when this one had caught up'),
  })
  .meta({ id: 'ProjectionVersion' });

const declarationStatusSchema = z
  .object({
    key: z.string(),
    reduce: z.union([z.enum(['merge', 'count']), z.object({ sum: z.string() })]),
    declaredAt: z.iso.datetime(),
    actor: z.string().nullable().describe('who declared it, as stated in X-Actor'),
    skipped: z
      .object({
        noKey: z.int().describe('the field of the key is missing, empty, too long, or no text or number'),
        noNumber: z.int().describe('the field to sum up is missing or no number'),
        lastPosition: z.string().nullable().describe('the newest of these events'),
      })
      .describe('events that are in no row'),
  })
  .meta({ id: 'DeclarationStatus' });

export const projectionSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    declaration: declarationStatusSchema.optional().describe('of one that was declared over HTTP'),
    description: z.string(),
    version: z.int().describe('the active version, which queries are answered from'),
    eventTypes: z.array(z.string()).readonly().describe('event types that it handles; `*` for all'),
    status: z
      .enum(['active', 'rebuilding', 'paused', 'error'])
      .describe('`error`: parked events or a stopped partition wait for an operator; the rest goes on'),
    ...position,
    previousVersion: z.int().nullable().describe('what a rollback would go back to'),
    versions: z.array(versionSchema).readonly(),
  })
  .meta({
    id: 'ProjectionStatus',
    examples: [
      {
        id: 'orders',
        name: 'orders',
        description: 'Each order as it is now.',
        version: 1,
        eventTypes: ['OrderPlaced', 'PaymentReceived'],
        status: 'active',
        group: 'projection:orders:v1',
        lastProcessedPosition: { '0': '0-1732150000000-0', '1': null },
        lag: 0,
        progress: {
          handledEvents: 1000,
          totalEvents: 1000,
          eventsToGo: 0,
          percent: 100,
          eventsPerSecond: null,
          secondsLeft: 0,
        },
        parkedEvents: 0,
        updatedAt: '2026-01-15T14:00:00.000Z',
        previousVersion: null,
        versions: [],
      },
    ],
  });

export const buildSchema = z.object({
  id: z.string(),
  version: z.int().describe('of the version that is being built'),
  switch: z.enum(['auto', 'manual']),
});

export const switchedSchema = z.object({
  id: z.string(),
  from: z.int().describe('the version that was active'),
  version: z.int().describe('the version that is active now'),
  comparison: comparisonSchema,
});

export const pausedSchema = z.object({ id: z.string(), paused: z.boolean() });

export const removingSchema = z.object({ id: z.string(), state: z.literal('retiring') });

export const retiringSchema = z.object({ id: z.string(), version: z.int(), state: z.literal('retiring') });
