import { z } from 'zod';

const MAX_CURSOR_LENGTH = 12_000;

/** Packs where a page ended; opaque to clients, so that its content may change with the query. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/**
 * A query parameter that must be a cursor of an earlier page: its content is checked like any other input.
 * @param maxLength characters; default 12,000
 */
export function cursorOf<Place extends z.ZodType>(place: Place, maxLength = MAX_CURSOR_LENGTH) {
  return z
    .string()
    .max(maxLength)
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
