import { setTimeout as sleep } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { type ProjectionVersion, projectionTable } from '../projection/definition.ts';
import type { Queryable } from './queryable.ts';

const DEFAULT_SAMPLE = 1_000;
const MAX_DIFFERENCES = 20;
const DEFAULT_ATTEMPTS = 4;
const BETWEEN_ATTEMPTS_MS = 250;

/** A row of the sample that differs; null: it is not there. Only columns that both versions have count. */
export interface RowDifference {
  readonly key: string;
  readonly active: Readonly<Record<string, unknown>> | null;
  readonly target: Readonly<Record<string, unknown>> | null;
}

export interface VersionComparison {
  readonly activeRows: number;
  readonly targetRows: number;
  /** Rows of the sample. */
  readonly compared: number;
  /** How many of them differ. */
  readonly different: number;
  /** The first of those. */
  readonly differences: readonly RowDifference[];
}

/** What a comparison needs to know of a version's table. */
export interface ComparedTable extends ProjectionVersion {
  readonly key: string;
  /** By name. */
  readonly columns: Readonly<Record<string, unknown>>;
}

interface Differences extends Pick<VersionComparison, 'compared' | 'differences'> {
  /** Keys of all rows that differ. */
  readonly keys: readonly string[];
}

/**
 * Compares two versions before a switch: how many rows each has, and the rows themselves for a random sample of
 * both versions' keys. While both move they differ by the events between them: rows that differ are compared again up
 * to `attempts` times, and only those that still differ count.
 */
export async function compareVersions(
  database: Queryable,
  active: ComparedTable,
  target: ComparedTable,
  options: { readonly sample?: number; readonly attempts?: number } = {},
): Promise<VersionComparison> {
  const { sample = DEFAULT_SAMPLE, attempts = DEFAULT_ATTEMPTS } = options;
  const [a, t] = [tableParts(active, target), tableParts(target, active)];
  const { rows } = await sql<{ activeRows: number; targetRows: number }>`
    select (select count(*) from ${a.table}) as "activeRows", (select count(*) from ${t.table}) as "targetRows"`.execute(
    database.db,
  );
  const [counts = { activeRows: 0, targetRows: 0 }] = rows;
  const first = await differencesOf(
    database,
    [a, t],
    sql`
      (select ${a.key} as key from ${a.table} tablesample bernoulli (${percentage(sample, counts.activeRows)}) limit ${sample})
      union
      (select ${t.key} as key from ${t.table} tablesample bernoulli (${percentage(sample, counts.targetRows)}) limit ${sample})`,
  );
  let last = first;
  for (let attempt = 1; attempt < attempts && last.keys.length > 0; attempt += 1) {
    await sleep(BETWEEN_ATTEMPTS_MS);
    last = await differencesOf(database, [a, t], sql`select unnest(${last.keys}::text[]) as key`);
  }
  const { keys, differences } = last;
  return { ...counts, compared: first.compared, different: keys.length, differences };
}

type TableParts = ReturnType<typeof tableParts>;

/** One statement, so that both tables are read in one snapshot. */
async function differencesOf(
  { db }: Queryable,
  [a, t]: readonly [TableParts, TableParts],
  keys: RawBuilder<unknown>,
): Promise<Differences> {
  const { rows } = await sql<{ compared: number; keys: string[] | null; shown: RowDifference[] | null }>`
    with sampled as (${keys}), pairs as (
      select s.key, ${a.json} as active, ${t.json} as target from sampled s
      left join ${a.table} ${a.alias} on ${a.alias}.${a.key} = s.key
      left join ${t.table} ${t.alias} on ${t.alias}.${t.key} = s.key
    ), unequal as (select * from pairs where active is distinct from target)
    select (select count(*) from pairs) as compared, (select array_agg(key) from unequal) as keys,
      (select jsonb_agg(shown) from (select * from unequal order by key limit ${MAX_DIFFERENCES}) shown) as shown`.execute(
    db,
  );
  const [row] = rows;
  return { compared: row?.compared ?? 0, keys: row?.keys ?? [], differences: row?.shown ?? [] };
}

/** A version's table in the comparison; `json` has the columns that the other version has too, null for no row. */
function tableParts(table: ComparedTable, other: ComparedTable) {
  const alias = sql.ref(`v${table.version}`);
  const shared = Object.keys(table.columns)
    .filter((name) => Object.hasOwn(other.columns, name))
    .sort();
  const members = shared.map((name) => sql`${sql.lit(name)}, ${alias}.${sql.ref(name)}`);
  const key = sql.ref(table.key);
  return {
    alias,
    key,
    table: sql.table(projectionTable(table)),
    json: sql`case when ${alias}.${key} is not null then ${storable(sql`json_build_object(${sql.join(members)})`)} end`,
  };
}

/** As jsonb, which compares by content; in place of what json may hold and jsonb refuses: U+FFFD. */
function storable(json: RawBuilder<unknown>): RawBuilder<unknown> {
  const refused = String.raw`\\u(0000|d[89a-f][0-9a-f]{2})`;
  return sql`regexp_replace(${json}::text, ${refused}, ${String.raw`\\ufffd`}, 'gi')::jsonb`;
}

/** A little more than needed, since the sample's size is random; `limit` cuts it. */
function percentage(sample: number, rows: number): number {
  return rows === 0 ? 100 : Math.min(100, (120 * sample) / rows + 1);
}
