import { z } from 'zod';

/** Headings of the documentation, in its order. */
export const TAGS = {
  events: 'events',
  commands: 'commands',
  snapshots: 'snapshots',
  operations: 'operations',
} as const;

const origin = {
  'x-actor': z.string().optional().describe('who asks; kept with the event'),
  'x-correlation-id': z.string().optional().describe('joins everything that one request leads to'),
};

const safeWrite = {
  'idempotency-key': z
    .string()
    .optional()
    .describe('makes a repeat safe: it gets the first answer, marked by Idempotency-Replayed'),
  'if-match': z
    .string()
    .optional()
    .describe('version from ETag that the stream must be at, such as "3"; 412 otherwise'),
};

/** What every write takes; checked in depth when a request comes in, here for the documentation. */
export const writeHeaders = z.looseObject({ ...safeWrite, ...origin });

export const commandHeaders = z.looseObject({
  ...safeWrite,
  ...origin,
  prefer: z.string().optional().describe('`respond-async`: queue the command durably and answer 202 at once'),
});
