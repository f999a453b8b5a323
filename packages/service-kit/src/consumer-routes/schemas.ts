import { z } from 'zod';

const partitionSchema = z.object({
  partition: z.int(),
  state: z.enum(['starting', 'running', 'idle', 'retrying', 'paused', 'diverged']),
  epoch: z.int(),
  position: z.string().nullable(),
  lagEvents: z.number(),
  lagSeconds: z.number(),
  inFlight: z.int(),
  blockedStreams: z.int().describe('streams that wait behind a dead letter for somebody to see to it'),
  deferredStreams: z
    .int()
    .describe('streams that wait behind a deferred event, which is tried again by itself'),
  reason: z.string().optional(),
});

const groupSchema = z.object({
  group: z.string(),
  instance: z.string(),
  mode: z.enum(['transactional', 'acknowledged']),
  members: z.array(z.string()).readonly(),
  partitions: z.array(partitionSchema).readonly(),
  totals: z.object({ handled: z.int(), retried: z.int(), parked: z.int(), leaseChanges: z.int() }),
});

export const groupsSchema = z.object({ groups: z.array(groupSchema) });

export const causeSchema = z.enum(['poison', 'unreadable', 'deferred', 'blocked']);

export function limitOf(what: string) {
  return z.coerce.number().int().min(1).max(1000).default(100).describe(`most ${what}; default 100`);
}

/** The parked event is documented as an open object: its shape belongs to the event schema, not to this kit. */
const deadLetterSchema = z.object({
  group: z.string(),
  partition: z.int(),
  stream: z.string(),
  eventId: z.string(),
  cause: causeSchema.describe(
    '`poison`: its own handling failed; `unreadable`: of a newer release; `deferred`: failed for a reason that may pass, and is tried again by itself; `blocked`: waits behind an earlier event of its stream',
  ),
  error: z.string().nullable(),
  stack: z
    .string()
    .nullable()
    .describe('of the error and of what caused it, at most 4,000 characters; null where there is none'),
  attempts: z.int(),
  instance: z.string(),
  parkedAt: z.string(),
  retryAt: z.string().nullable().describe('when a deferred event is tried again; null for the others'),
  event: z.unknown().nullable(),
});

export const deadLettersSchema = z.object({
  deadLetters: z.array(deadLetterSchema).readonly(),
  nextCursor: z.string().nullable().describe('`cursor` of the next page; null on the last one'),
  totals: z
    .array(
      z.object({
        group: z.string(),
        streams: z.int(),
        events: z.int(),
        openRequests: z.int().describe('what operators have asked for and is not done yet'),
      }),
    )
    .readonly()
    .describe('how much is parked, of each group that was asked for'),
});

export const acceptedSchema = z.object({
  stream: z.string(),
  eventId: z.string().optional(),
  groups: z.array(z.string()).describe('the groups that took the request on'),
});

export const retriesAcceptedSchema = z.object({
  groups: z.array(z.object({ group: z.string(), streams: z.int().describe('that will be tried again') })),
});

export const discardsAcceptedSchema = z.object({
  groups: z.array(z.object({ group: z.string(), events: z.int().describe('that will be dropped') })),
});

export const requestsSchema = z.object({
  requests: z.array(
    z.object({
      group: z.string(),
      partition: z.int(),
      kind: z.enum(['retry', 'discard', 'resync']),
      stream: z.string().nullable().describe('null for a resync'),
      eventId: z.string().nullable().describe('event to discard; null for the others'),
      reason: z.string().nullable(),
      actor: z.string().nullable().describe('who asked, where X-Actor said so'),
      requestedAt: z.string().nullable(),
      finishedAt: z.string().nullable().describe('null as long as it is not done'),
      outcome: z
        .string()
        .nullable()
        .describe('what has become of it: `handled: …`, `failed again: …`, `deferred: …`, `discarded`, …'),
    }),
  ),
});

export const resyncAcceptedSchema = z.object({
  group: z.string(),
  how: z.enum(['rebuild', 'accept']),
  partitions: z.array(z.int()).readonly().describe('the diverged partitions that this is about'),
});
