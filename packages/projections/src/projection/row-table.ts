import { type QueryExecutorProvider, type RawBuilder, sql } from 'kysely';
import { type Projection, projectionTable } from './definition.ts';

/** What a batch does to the rows; each list in the order of the keys. */
export interface RowChanges<Row> {
  readonly inserted: readonly Row[];
  readonly updated: readonly Row[];
  readonly deleted: readonly string[];
}

/** The table of a projection's version, as its handler works on it. */
export interface RowTable<Row> {
  /** The rows that are there, by key, locked until the transaction or savepoint ends. `keys` are sorted. */
  lockRows(tx: QueryExecutorProvider, keys: readonly string[]): Promise<ReadonlyMap<string, Row>>;
  /** False when a row to insert is there meanwhile; everything is to be rolled back then. */
  write(tx: QueryExecutorProvider, changes: RowChanges<Row>): Promise<boolean>;
}

export function createRowTable<Row>(definition: Projection<Row>): RowTable<Row> {
  const key = sql.ref(definition.key);
  const table = sql.table(projectionTable(definition));
  const columns = sql.join(Object.keys(definition.columns).map((name) => sql.ref(name)));
  const changing = changeStatement(definition);
  return {
    lockRows: async (tx, keys) => {
      const { rows } = await sql<Row & Readonly<Record<string, unknown>>>`
        select ${columns} from ${table} where ${key} = any(${keys}::text[])
        order by ${key} for update`.execute(tx);
      return new Map(rows.map((row) => [String(row[definition.key]), row]));
    },
    write: async (tx, { inserted, updated, deleted }) => {
      if (inserted.length + updated.length + deleted.length === 0) return true;
      const { rows } = await changing({ inserted, updated, deleted }).execute(tx);
      return rows[0]?.inserted === inserted.length;
    },
  };
}

/** One statement for everything: the parts touch different rows, so that their order does not matter. */
function changeStatement<Row>(
  definition: Projection<Row>,
): (changes: RowChanges<Row>) => RawBuilder<{ inserted: number }> {
  const columns = Object.entries(definition.columns).map(([name, { type, sentAs, encode }]) => ({
    name,
    ref: sql.ref(name),
    sentAs: sql.raw(`${sentAs}[]`),
    given: sql`given.${sql.ref(name)}::${sql.raw(type)}`,
    encode,
  }));
  const table = sql.table(projectionTable(definition));
  const key = sql.ref(definition.key);
  const names = sql.join(columns.map(({ ref }) => ref));
  const values = sql.join(columns.map(({ given }) => given));
  const assignments = sql.join(columns.map(({ ref, given }) => sql`${ref} = ${given}`));
  const given = (rows: readonly Row[]): RawBuilder<unknown> => {
    const records = rows as readonly Readonly<Record<string, unknown>>[];
    const arrays = columns.map(
      ({ name, sentAs, encode }) => sql`${records.map((row) => encode(row[name]))}::${sentAs}`,
    );
    return sql`unnest(${sql.join(arrays)}) as given(${names})`;
  };
  return ({ inserted, updated, deleted }) => {
    const parts: RawBuilder<unknown>[] = [];
    if (inserted.length > 0)
      parts.push(sql`inserted as (
        insert into ${table} (${names}) select ${values} from ${given(inserted)}
        on conflict (${key}) do nothing returning 1)`);
    if (updated.length > 0)
      parts.push(sql`updated as (
        update ${table} as known set ${assignments} from ${given(updated)} where known.${key} = given.${key})`);
    if (deleted.length > 0)
      parts.push(sql`deleted as (delete from ${table} where ${key} = any(${deleted}::text[]))`);
    const count = inserted.length > 0 ? sql`(select count(*) from inserted)` : sql`0`;
    return sql`with ${sql.join(parts)} select ${count} as inserted`;
  };
}
