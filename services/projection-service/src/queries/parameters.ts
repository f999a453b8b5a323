import { isPosition } from '@headrace/event-schema';
import { z } from 'zod';

/** Upper limit of `timeout_ms`, in milliseconds. */
export const MAX_WAIT_MS = 30_000;

/** Position of an event as clients know it: its event id. */
export const eventIdSchema = z
  .string()
  .max(40)
  .refine(isPosition, 'must be an event id: <partition>-<ms>-<seq>, such as 3-1732150000000-0')
  .describe('id of an event, such as 3-1732150000000-0');

/** Parameters of every query for reading your own writes. */
export const waitParameters = {
  wait_for: eventIdSchema
    .optional()
    .describe('answer only when the read model has this event, such as the one that a write answered with'),
  timeout_ms: z.coerce
    .number()
    .int()
    .min(0)
    .max(MAX_WAIT_MS)
    .default(5_000)
    .describe('longest time to wait for it, in milliseconds; default 5000, at most 30000'),
};

/** Parameters of the queries of the code's own read models. */
export const commonParameters = {
  ...waitParameters,
  source: z
    .enum(['read_model', 'event_store'])
    .default('read_model')
    .describe('`event_store` folds the answer from the log instead of reading the read model'),
};

export type WaitParameters = z.output<z.ZodObject<typeof waitParameters>>;
export type CommonParameters = z.output<z.ZodObject<typeof commonParameters>>;

/** Rows of a page; `more` is added to the description. */
export function limitUpTo(max: number, byDefault: number, more = '') {
  return z.coerce
    .number()
    .int()
    .min(1)
    .max(max)
    .default(byDefault)
    .describe(`rows of a page; default ${byDefault}, at most ${max}${more}`);
}

/** Text to filter by. PostgreSQL refuses NUL; read models hold U+FFFD in its place. */
export const textParameter = z
  .string()
  .min(1)
  .max(512)
  .transform((text) => text.replaceAll('\0', '\u{FFFD}'));

/** PostgreSQL knows no year 0, and an offset may lead beyond the year 9999. */
const isStorable = (utc: string): boolean => /^(?!0000)\d{4}-/.test(utc);
const NOT_STORABLE = 'must lie in the years 1 to 9999';

/** A moment in ISO 8601 with its offset, in UTC as read models keep it. */
export const momentParameter = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .refine(isStorable, NOT_STORABLE);

/** A day in UTC, `YYYY-MM-DD`. */
export const dayParameter = z.iso.date().refine(isStorable, NOT_STORABLE);

/** False for a range that ends before it starts: an empty answer would hide the mistake. */
export function inOrder(range: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): boolean {
  return range.from === undefined || range.to === undefined || range.from <= range.to;
}
