import type { Queryable } from '@headrace/projections';
import { encodeCursor } from '@headrace/service-kit';
import { type RawBuilder, sql } from 'kysely';
import { pageOf } from '../queries/page.ts';
import type { ListQuery, ReadModel, StateRow } from './define-read-model.ts';

/** Parameters of a page; filters are looked up in it by their names. */
export interface ListParameters {
  readonly limit: number;
  /** The condition of the rows behind the page before. */
  readonly cursor?: RawBuilder<unknown> | undefined;
}

/** The row of a stream; null where the table has none. */
export async function findRow<State>(
  { db }: Queryable,
  table: string,
  model: Pick<ReadModel<State>, 'projection'>,
  stream: string,
): Promise<StateRow<State> | null> {
  const { rows } = await sql<StateRow<State>>`
    select ${columnsOf(model)} from ${sql.table(table)} where stream = ${stream}`.execute(db);
  return rows[0] ?? null;
}

/** A page of rows as clients see them, with the totals of the list if it has any. */
export async function listRows<State>(
  database: Queryable,
  table: string,
  model: Pick<ReadModel<State>, 'projection' | 'view' | 'list'>,
  parameters: ListParameters,
) {
  const { view, list } = model;
  const { limit, cursor } = parameters;
  const { order, totals } = list;
  const selected = conditionsOf(list, parameters);
  const onPage = cursor === undefined ? selected : sql`${selected} and ${cursor}`;
  const { rows } = await sql<StateRow<State>>`
    select ${columnsOf(model)} from ${sql.table(table)}
    where ${onPage} order by ${order.orderBy} limit ${limit + 1}`.execute(database.db);
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map(({ state }) => view.present(state)),
    ...(totals === undefined ? {} : { totals: await totals.read(database, table, selected) }),
    nextCursor: last === undefined ? null : encodeCursor(order.cursorAt(last)),
  };
}

/** By name, so that the table of a release with other columns fails and is not misread. */
function columnsOf<State>({ projection }: Pick<ReadModel<State>, 'projection'>): RawBuilder<unknown> {
  return sql.join(Object.keys(projection.columns).map((name) => sql.ref(name)));
}

function conditionsOf({ filters }: ListQuery, parameters: ListParameters): RawBuilder<unknown> {
  const conditions = Object.entries(filters).flatMap(([parameter, { column }]) => {
    const value: unknown = Reflect.get(parameters, parameter);
    return value === undefined ? [] : [sql`${sql.ref(column)} = ${value}`];
  });
  return conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
}
