import type { Queryable } from '@headrace/projections';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Declaration } from '../declared/declaration.ts';
import { type DeclaredRow, SKIPPED_KEY, type Skipped, skippedOf } from '../declared/declared-projection.ts';
import { cursorOf, encodeCursor, pageOf, textInCursor } from './cursor.ts';
import { limitUpTo, textParameter, waitParameters } from './parameters.ts';

export const declaredParameters = z.strictObject({
  key: textParameter.optional().describe('one row, by its key; default all rows, by key'),
  // a row may hold a megabyte
  limit: limitUpTo(200, 50),
  cursor: cursorOf(z.tuple([textInCursor])).optional(),
  ...waitParameters,
});

/** A row of a declared projection as clients see it. */
export const declaredRowSchema = z
  .object({
    key: z.string(),
    value: z.unknown().describe('`merge`: an object; `count` and `sum`: a number'),
    events: z.int().describe('how many events are in here'),
    lastUpdated: z.iso.datetime().describe('when the last of them was recorded'),
  })
  .meta({
    id: 'DeclaredRow',
    examples: [{ key: 'USD', value: 249_999, events: 1, lastUpdated: '2026-01-15T14:00:00.000Z' }],
  });

/** The row of a key; null where the read model has none. */
export async function findDeclaredRow(
  { db }: Queryable,
  table: string,
  key: string,
): Promise<DeclaredRow | null> {
  const { rows } = await sql<DeclaredRow>`select * from ${sql.table(table)} where key = ${key}`.execute(db);
  return rows[0] ?? null;
}

/** A page of rows, by key. */
export async function listDeclaredRows(
  { db }: Queryable,
  table: string,
  { reduce }: Declaration,
  { limit, cursor }: Pick<z.output<typeof declaredParameters>, 'limit' | 'cursor'>,
) {
  const after = cursor?.[0] ?? SKIPPED_KEY;
  const { rows } = await sql<DeclaredRow>`
    select * from ${sql.table(table)} where key > ${after} order by key limit ${limit + 1}`.execute(db);
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map((row) => presentDeclared(reduce, row)),
    nextCursor: last === undefined ? null : encodeCursor([last.key]),
  };
}

export function presentDeclared(reduce: Declaration['reduce'], row: DeclaredRow) {
  const { key, value, events, updated_at: updatedAt } = row;
  const isSum = typeof reduce !== 'string';
  return { key, value: isSum ? Number(value) : value, events, lastUpdated: updatedAt.toISOString() };
}

/** Events that a declared projection could not use, in its active version. */
export async function findSkipped(database: Queryable, table: string): Promise<Skipped> {
  return skippedOf(await findDeclaredRow(database, table, SKIPPED_KEY));
}
