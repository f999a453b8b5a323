import { orderIdSchema } from '@headrace/shop';
import { z } from 'zod';

export const TAGS = ['billing'];

export const limitParameter = z.coerce
  .number('must be a whole number from 1 to 500')
  .int()
  .min(1)
  .max(500)
  .default(50)
  .describe('most rows of a page; default 50, at most 500');

export const cursorParameter = z
  .string()
  .regex(/^\d{1,15}$/, 'must be the nextCursor of an earlier page')
  .transform(Number)
  .optional()
  .describe('`nextCursor` of the page before; leave the other parameters as they were');

export const orderIdParameter = orderIdSchema
  .describe('id of the order')
  .meta({ examples: ['6f1c2b1e-8f0b-4d55-9a35-0c8e6f1a2b3c'] });

export const nextCursorSchema = z
  .string()
  .nullable()
  .describe('`cursor` of the next page; null on the last one');

/** Splits a page off rows that were read with one more than fits, which tells whether there is a next page. */
export function pageOf<Row extends { readonly number: number }>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { page, nextCursor: last === undefined ? null : String(last.number) };
}
