import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import { indexName, projectionTable, type TableDefinition } from '../projection/definition.ts';

/** A version's table was made for other columns than its definition now has: it needs a new version. */
export class ProjectionChangedError extends Error {
  readonly code = 'PROJECTION_CHANGED';
  constructor({ name, version }: TableDefinition) {
    super(
      `the columns of projection "${name}" have changed since version ${version} was made: raise its version`,
    );
    this.name = 'ProjectionChangedError';
  }
}

/**
 * Creates what the versions need: tables, indexes, their entries, and the pointer of a name seen for the first
 * time, which makes that version the active one. After `migrate`; safe in several processes at once, repeatable.
 * @throws ProjectionChangedError
 */
export async function prepareProjections<Tables>(
  database: Database<Tables>,
  definitions: readonly TableDefinition[],
): Promise<void> {
  await database.db.transaction().execute(async (tx) => {
    // an index on a full table takes its time, and so does waiting for another process that makes one
    await sql`select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)`.execute(
      tx,
    );
    const lock = `${database.schema}: prepare projections`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tx);
    for (const definition of definitions) await prepare(tx, definition);
  });
}

/** What a version's table is made of; kept beside it. */
interface TableShape {
  readonly key: string;
  readonly columns: Readonly<Record<string, string>>;
}

function shapeOf({ key, columns }: TableDefinition): TableShape {
  const declared = Object.entries(columns).map(([name, { type, nullable }]): [string, string] => [
    name,
    nullable ? type : `${type} not null`,
  ]);
  return { key, columns: Object.fromEntries(declared) };
}

async function prepare<Tables>(tx: Transaction<Tables>, definition: TableDefinition): Promise<void> {
  const { name, version } = definition;
  await sql`
    insert into projections (name, active_version) values (${name}, ${version})
    on conflict (name) do nothing`.execute(tx);
  const shape = shapeOf(definition);
  const { rows } = await sql<{ same: boolean }>`
    select definition = ${JSON.stringify(shape)}::jsonb as same
    from projection_versions where name = ${name} and version = ${version}`.execute(tx);
  if (rows[0]?.same === false) throw new ProjectionChangedError(definition);
  if (rows[0] === undefined) await create(tx, definition, shape);
  await createIndexes(tx, definition);
}

async function create<Tables>(
  tx: Transaction<Tables>,
  definition: TableDefinition,
  shape: TableShape,
): Promise<void> {
  const { name, version } = definition;
  const columns = Object.entries(shape.columns).map(([column, declaration]) =>
    // keys are looked up and locked in order; the order of bytes does not change with the server's languages
    column === shape.key
      ? sql`${sql.ref(column)} text collate "C" primary key`
      : sql`${sql.ref(column)} ${sql.raw(declaration)}`,
  );
  await sql`create table ${sql.table(projectionTable(definition))} (${sql.join(columns)})`.execute(tx);
  await sql`
    insert into projection_versions (name, version, definition)
    values (${name}, ${version}, ${JSON.stringify(shape)}::jsonb)`.execute(tx);
}

/** Looks first: even `IF NOT EXISTS` waits for everybody who writes to the table. */
async function createIndexes<Tables>(tx: Transaction<Tables>, definition: TableDefinition): Promise<void> {
  for (const columns of definition.indexes) {
    const name = indexName(definition, columns);
    const { rows } = await sql<{ there: boolean }>`select to_regclass(${name}) is not null as there`.execute(
      tx,
    );
    if (rows[0]?.there === true) continue;
    const refs = sql.join(columns.map((column) => sql.ref(column)));
    await sql`create index ${sql.id(name)} on ${sql.table(projectionTable(definition))} (${refs})`.execute(
      tx,
    );
  }
}
