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

/** The parked event is documented as an open object: its shape belongs to the event schema, not to this kit. */
const deadLetterSchema = z.object({
  group: z.string(),
  partition: z.int(),
  stream: z.string(),
  eventId: z.string(),
  cause: z
    .enum(['poison', 'unreadable', 'deferred', 'blocked'])
    .describe(
      '`poison`: its own handling failed; `unreadable`: of a newer release; `deferred`: failed for a reason that may pass, and is tried again by itself; `blocked`: waits behind an earlier event of its stream',
    ),
  error: z.string().nullable(),
  attempts: z.int(),
  instance: z.string(),
  parkedAt: z.string(),
  retryAt: z.string().nullable().describe('when a deferred event is tried again; null for the others'),
  event: z.unknown().nullable(),
});

export const deadLettersSchema = z.object({
  deadLetters: z.array(deadLetterSchema).readonly(),
  nextCursor: z.string().nullable().describe('`cursor` of the next page; null on the last one'),
});

export const acceptedSchema = z.object({
  stream: z.string(),
  eventId: z.string().optional(),
  groups: z.array(z.string()).describe('the groups that took the request on'),
});

export const resyncAcceptedSchema = z.object({
  group: z.string(),
  how: z.enum(['rebuild', 'accept']),
  partitions: z.array(z.int()).readonly().describe('the diverged partitions that this is about'),
});
