import { z } from 'zod';

const MAX_CURSOR_LENGTH = 12_000;

/** Text of a row in a cursor; a client may have put anything there, and PostgreSQL refuses NUL. */
export const textInCursor = z
  .string()
  .max(512)
  .refine((text) => !text.includes('\0'));

/** Packs where a page ended; opaque to clients, so that its content may change with the query. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** A query parameter that must be a cursor of an earlier page: its content is checked like any other input. */
export function cursorOf<Place extends z.ZodType>(place: Place) {
  return z
    .string()
    .max(MAX_CURSOR_LENGTH)
    .transform((text, context): z.output<Place> => {
      const parsed = place.safeParse(decoded(text));
      if (parsed.success) return parsed.data;
      context.addIssue({
        code: 'custom',
        message: 'must be the nextCursor of an earlier page of this query',
      });
      return z.NEVER;
    })
    .describe('`nextCursor` of the page before; leave the other parameters as they were');
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Splits a page off rows that were read with one more than fits, which tells whether there is a next page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly last: Row | undefined } {
  const page = rows.slice(0, limit);
  return { page, last: rows.length > limit ? page.at(-1) : undefined };
}
