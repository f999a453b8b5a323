import { z } from 'zod';

/** Text in a cursor. Clients can forge cursors, and PostgreSQL refuses NUL. */
export const textInCursor = z
  .string()
  .max(512)
  .refine((text) => !text.includes('\0'));

/** Splits a page off rows that were read with `limit + 1`; `last` is set where there is a next page. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
): { readonly page: readonly Row[]; readonly last: Row | undefined } {
  const page = rows.slice(0, limit);
  return { page, last: rows.length > limit ? page.at(-1) : undefined };
}
