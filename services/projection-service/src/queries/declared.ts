import type { Queryable } from '@headrace/projections';
import { cursorOf, encodeCursor } from '@headrace/service-kit';
import { sql } from 'kysely';
import { z } from 'zod';
import { addDecimal } from '../declared/decimal.ts';
import type { Declaration } from '../declared/declaration.ts';
import { type DeclaredRow, SKIPPED_KEY, type Skipped, skippedOf } from '../declared/declared-projection.ts';
import { pageOf, textInCursor } from './page.ts';
import { limitUpTo, textParameter, waitParameters } from './parameters.ts';

/** A merged row may hold a megabyte. */
const MAX_MERGED_ROWS = 50;

export const declaredParameters = z
  .strictObject({
    key: textParameter.optional().describe('one row, by its key; default all rows, by key'),
    limit: limitUpTo(200, 50, `; of \`merge\`, whose rows may be large, at most ${MAX_MERGED_ROWS} come`),
    cursor: cursorOf(z.tuple([textInCursor])).optional(),
    ...waitParameters,
  })
  .refine(({ key, cursor }) => key === undefined || cursor === undefined, {
    path: ['key'],
    message: 'names one row; leave out cursor',
  });

/** A row without `origins`, which may be as large as the value. */
type ShownRow = Omit<DeclaredRow, 'origins'>;

const shownColumns = sql.raw('key, value, events, updated_at');

/** A row of a declared projection as clients see it. */
export const declaredRowSchema = z
  .object({
    key: z.string(),
    value: z
      .unknown()
      .describe(
        '`merge`: an object; `count`: a number; `sum`: a number, or text such as `"9007199254740993"` where no ' +
          'JavaScript number is exactly that sum',
      ),
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
): Promise<ShownRow | null> {
  const { rows } = await sql<ShownRow>`
    select ${shownColumns} from ${sql.table(table)} where key = ${key}`.execute(db);
  return rows[0] ?? null;
}

/** A page of rows, by key. */
export async function listDeclaredRows(
  { db }: Queryable,
  table: string,
  { reduce }: Declaration,
  { limit: asked, cursor }: Pick<z.output<typeof declaredParameters>, 'limit' | 'cursor'>,
) {
  const after = cursor?.[0] ?? SKIPPED_KEY;
  const limit = reduce === 'merge' ? Math.min(asked, MAX_MERGED_ROWS) : asked;
  const { rows } = await sql<ShownRow>`
    select ${shownColumns} from ${sql.table(table)} where key > ${after} order by key limit ${limit + 1}`.execute(
    db,
  );
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map((row) => presentDeclared(row)),
    nextCursor: last === undefined ? null : encodeCursor([last.key]),
  };
}

export function presentDeclared({ key, value, events, updated_at: updatedAt }: ShownRow) {
  // only sums are kept as text
  const shown = typeof value === 'string' ? presentSum(value) : value;
  return { key, value: shown, events, lastUpdated: updatedAt.toISOString() };
}

/** A number where it prints as just that sum. */
function presentSum(sum: string): number | string {
  const number = Number(sum);
  return Number.isFinite(number) && addDecimal('0', number) === sum ? number : sum;
}

/** Events that a declared projection could not use, by a version's table. */
export async function findSkipped(database: Queryable, table: string): Promise<Skipped> {
  return skippedOf(await findDeclaredRow(database, table, SKIPPED_KEY));
}
