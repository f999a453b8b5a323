import { sql } from 'kysely';
import { projectionTable, type TableDefinition } from '../projection/definition.ts';
import type { Queryable } from './versions.ts';

const DEFAULT_SAMPLE = 1_000;
const MAX_DIFFERENCES = 20;

/** A row of the sample that differs; null: it is not there. Only columns that both versions have count. */
export interface RowDifference {
  readonly key: string;
  readonly active: Readonly<Record<string, unknown>> | null;
  readonly target: Readonly<Record<string, unknown>> | null;
}

export interface VersionComparison {
  readonly activeRows: number;
  readonly targetRows: number;
  /** Rows that were looked at in both. */
  readonly compared: number;
  /** How many of them differ. */
  readonly different: number;
  /** The first of those. */
  readonly differences: readonly RowDifference[];
}

interface ComparedRow {
  readonly key: string | null;
  readonly active: Readonly<Record<string, unknown>> | null;
  readonly target: Readonly<Record<string, unknown>> | null;
}

/**
 * Compares two versions before a switch: how many rows each has, and the rows themselves for a random sample of
 * both versions' keys. Versions that are not equally far differ by what is between them.
 */
export async function compareVersions(
  { db }: Queryable,
  active: TableDefinition,
  target: TableDefinition,
  options: { readonly sample?: number } = {},
): Promise<VersionComparison> {
  const { sample = DEFAULT_SAMPLE } = options;
  const [a, t] = [tableParts(active, target), tableParts(target, active)];
  const counts = await sql<{ active: number; target: number }>`
    select (select count(*) from ${a.table}) as active, (select count(*) from ${t.table}) as target`.execute(
    db,
  );
  const [{ active: activeRows, target: targetRows } = { active: 0, target: 0 }] = counts.rows;
  // one statement sees both tables at one moment
  const { rows } = await sql<ComparedRow & { readonly compared: number; readonly different: number }>`
    with sampled as (
      (select ${a.key} as key from ${a.table} tablesample bernoulli (${percentage(sample, activeRows)}) limit ${sample})
      union
      (select ${t.key} as key from ${t.table} tablesample bernoulli (${percentage(sample, targetRows)}) limit ${sample})
    ), pairs as (
      select s.key, ${a.json} as active, ${t.json} as target from sampled s
      left join ${a.table} ${a.alias} on ${a.alias}.${a.key} = s.key
      left join ${t.table} ${t.alias} on ${t.alias}.${t.key} = s.key
    ), unequal as (select * from pairs where active is distinct from target)
    select (select count(*) from pairs) as compared, (select count(*) from unequal) as different, shown.*
    from (select 1) as one left join
      (select * from unequal order by key limit ${MAX_DIFFERENCES}) as shown on true`.execute(db);
  const [first] = rows;
  return {
    activeRows,
    targetRows,
    compared: first?.compared ?? 0,
    different: first?.different ?? 0,
    differences: rows.flatMap(({ key, active: before, target: after }) =>
      key === null ? [] : [{ key, active: before, target: after }],
    ),
  };
}

/** A version's table in the comparison; `json` has the columns that the other version has too, null for no row. */
function tableParts(of: TableDefinition, other: TableDefinition) {
  const alias = sql.ref(`v${of.version}`);
  const shared = Object.keys(of.columns)
    .filter((name) => Object.hasOwn(other.columns, name))
    .sort();
  const members = shared.map((name) => sql`${sql.lit(name)}, ${alias}.${sql.ref(name)}`);
  const key = sql.ref(of.key);
  return {
    alias,
    key,
    table: sql.table(projectionTable(of)),
    json: sql`case when ${alias}.${key} is not null then jsonb_build_object(${sql.join(members)}) end`,
  };
}

/** A little more than needed, since the sample's size is random; `limit` cuts it. */
function percentage(sample: number, rows: number): number {
  return rows === 0 ? 100 : Math.min(100, (120 * sample) / rows + 1);
}
