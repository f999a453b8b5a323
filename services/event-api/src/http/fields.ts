import { fitsIntoPath, isStreamName } from '@headrace/event-schema';
import { z } from 'zod';

/** Events that one answer holds, at most and unless asked otherwise. */
export const PAGE = { max: 1_000, default: 100 } as const;

const STREAM_NAME = 'must be 1 to 256 characters of letters, digits and : _ - . / @ ~';

export const streamIdSchema = z
  .string()
  .refine(isStreamName, STREAM_NAME)
  .refine(fitsIntoPath, 'cannot be put into a path')
  .meta({ examples: ['account:ACC-001'] });

export const streamPath = z.object({
  streamId: streamIdSchema.describe('name of the stream, percent-encoded'),
});

/** A version of a stream in a path: 0 stands before its first event. */
export const versionText = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a version from 0 up')
  .transform(Number);

/** A moment as text. */
export const timeSchema = z.iso.datetime({
  offset: true,
  error: 'must be a time as in 2026-01-15T14:00:00Z',
});

/** A moment in a query, in ms since the epoch. */
export const timeText = timeSchema.transform((text) => Date.parse(text));

const LIMIT = `must be a whole number from 1 to ${PAGE.max}`;

export const limitText = z
  .string()
  .regex(/^\d{1,6}$/, LIMIT)
  .transform(Number)
  .pipe(z.number().min(1, LIMIT).max(PAGE.max, LIMIT))
  .optional()
  .describe(`events at most, 1 to ${PAGE.max}; default ${PAGE.default}. Large events make a page shorter`);
