import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { textInCursor } from '../queries/page.ts';
import { momentParameter } from '../queries/parameters.ts';

/** The order of a list, and what its cursors hold. Clients keep cursors: their content must not change. */
export interface RowOrder {
  readonly orderBy: RawBuilder<unknown>;
  /** Reads the content of a cursor as the condition of the rows that follow. */
  readonly cursor: z.ZodType<RawBuilder<unknown>>;
  /** Content of the cursor that stands behind a row. */
  readonly cursorAt: (row: SortedRow) => unknown;
}

interface SortedRow {
  readonly stream: string;
  readonly [column: string]: unknown;
}

/** By stream name. */
export const byStream: RowOrder = {
  orderBy: sql`stream`,
  cursor: textInCursor.transform((stream) => sql`stream > ${stream}`),
  cursorAt: ({ stream }) => stream,
};

/** By the column `created_at`, latest first. */
export const newestFirst: RowOrder = {
  orderBy: sql`created_at desc, stream desc`,
  cursor: z
    .tuple([momentParameter, textInCursor])
    .transform(([createdAt, stream]) => sql`(created_at, stream) < (${createdAt}::timestamptz, ${stream})`),
  // a Date becomes ISO 8601 in UTC
  cursorAt: ({ created_at: createdAt, stream }) => [createdAt, stream],
};
