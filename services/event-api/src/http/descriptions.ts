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
    .describe(
      'makes a repeat safe: the same request gets the first answer, marked by Idempotency-Replayed. 1 to 255 visible ASCII characters, best a new UUID for each request. It stands for this method, path, body and X-Actor, in the whole deployment, for at least 24 hours, of a command 8 days; with any other request it is refused with 422. Preconditions are no part of it',
    ),
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
