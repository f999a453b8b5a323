import type { Database } from '@headrace/postgres';
import { type Kysely, sql, type Transaction } from 'kysely';
import { indexName, projectionTable, type TableDefinition } from '../projection/definition.ts';
import { lockPointer, NO_VERSION, type SwitchWhen, UnknownProjectionError } from './versions.ts';

/** Far below the time limit of a request. */
const WAIT_MS = 5_000;
/** PostgreSQL's value for no timeout. */
const NO_BOUND = 0;

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
 * Creates what the projections need: tables, indexes, their entries, and the pointer of a name seen for the first
 * time, which makes that version the active one. A version of the code that is newer than any before begins to be
 * built beside the active one, and takes its place when it has caught up. After `migrate`; safe in several
 * processes at once, repeatable.
 * @throws ProjectionChangedError
 */
export async function prepareProjections<Tables>(
  database: Database<Tables>,
  definitions: readonly TableDefinition[],
): Promise<void> {
  // an index on a full table takes its time, and so does waiting for another process that makes one
  await database.unhurried((db) =>
    inTurn(db, database.schema, NO_BOUND, async (tx) => {
      for (const definition of definitions) await prepare(tx, definition);
    }),
  );
}

/** A version is being built already, and waits for its switch. */
export class BuildInProgressError extends Error {
  readonly code = 'BUILD_IN_PROGRESS';
  readonly version: number;
  constructor(name: string, version: number) {
    super(
      `version ${version} of projection "${name}" is being built already: switch to it or retire it first`,
    );
    this.name = 'BuildInProgressError';
    this.version = version;
  }
}

/**
 * Makes the table of a new version, under the next number. The processes that run its consumer group fill it from the
 * beginning of the log; queries are answered from the active version meanwhile.
 * @returns the number
 * @throws BuildInProgressError, UnknownProjectionError
 */
export async function startBuild<Tables>(
  database: Database<Tables>,
  definition: TableDefinition,
  switchWhen: SwitchWhen,
): Promise<number> {
  const { name } = definition;
  return await inPreparation(database, async (tx) => {
    if ((await lockPointer({ db: tx }, name)) === NO_VERSION) throw new UnknownProjectionError(name);
    const known = await knownVersions(tx, name);
    const open = known.find(({ live, waiting }) => live && waiting);
    if (open !== undefined) throw new BuildInProgressError(name, open.version);
    const version = nextVersion(known, definition);
    await create(tx, { ...definition, version }, definition.version, switchWhen);
    return version;
  });
}

/**
 * Runs a transaction that adds or removes projections; over all processes one at a time. Waits `waitMs` for others,
 * default 5 s, then fails with SQLSTATE 55P03 and may be tried again.
 */
export async function inPreparation<Tables, Result>(
  { db, schema }: Database<Tables>,
  work: (tx: Transaction<Tables>) => Promise<Result>,
  { waitMs = WAIT_MS }: { readonly waitMs?: number } = {},
): Promise<Result> {
  return await inTurn(db, schema, waitMs, work);
}

async function inTurn<Tables, Result>(
  db: Kysely<Tables>,
  schema: string,
  waitMs: number,
  work: (tx: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  return await db.transaction().execute(async (tx) => {
    await sql`select set_config('lock_timeout', ${`${waitMs}`}, true)`.execute(tx);
    if (waitMs === NO_BOUND) await sql`select set_config('statement_timeout', '0', true)`.execute(tx);
    const lock = `${schema}: prepare projections`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`.execute(tx);
    return await work(tx);
  });
}

interface KnownVersion {
  readonly version: number;
  readonly fold_version: number;
  readonly live: boolean;
  readonly waiting: boolean;
}

/** With retired ones: their numbers are not reused. */
async function knownVersions<Tables>(
  tx: Transaction<Tables>,
  name: string,
): Promise<readonly KnownVersion[]> {
  const { rows } = await sql<KnownVersion>`
    select version, fold_version, retired_at is null as live, switch_when is not null as waiting
    from projection_versions where name = ${name} order by version`.execute(tx);
  return rows;
}

function nextVersion(known: readonly KnownVersion[], { version }: TableDefinition): number {
  return Math.max(version, ...known.map((older) => older.version + 1));
}

/** Key and columns of a version's table, as stored in `projection_versions`. */
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
  const known = await knownVersions(tx, name);
  if ((await pointerOf(tx, name)) === NO_VERSION) return await createFirst(tx, definition, known);
  // an older one may have been retired, or be run by processes of an older release; neither is to be undone
  if (known.every(({ fold_version }) => fold_version < version)) {
    await sql`update projection_versions set switch_when = null where name = ${name}`.execute(tx);
    const table = { ...definition, version: nextVersion(known, definition) };
    return await create(tx, table, version, 'caught-up');
  }
  for (const filled of known) {
    if (!filled.live || filled.fold_version !== version) continue;
    await assertUnchanged(tx, filled.version, definition);
    await createIndexes(tx, { ...definition, version: filled.version });
  }
}

/** `NO_VERSION` before the first version too. */
async function pointerOf<Tables>(tx: Transaction<Tables>, name: string): Promise<number> {
  const { rows } = await sql<{ active_version: number }>`
    select active_version from projections where name = ${name}`.execute(tx);
  return rows[0]?.active_version ?? NO_VERSION;
}

/** The first version of a name, also after a removal; numbers are not reused. */
async function createFirst<Tables>(
  tx: Transaction<Tables>,
  definition: TableDefinition,
  known: readonly KnownVersion[],
): Promise<void> {
  const { name } = definition;
  const version = nextVersion(known, definition);
  await sql`
    insert into projections (name, active_version) values (${name}, ${version})
    on conflict (name) do update
      set active_version = excluded.active_version, previous_version = null, paused = false,
          switched_at = now()`.execute(tx);
  await create(tx, { ...definition, version }, definition.version, null);
}

/** A projection of this name is there already. */
export class ProjectionExistsError extends Error {
  readonly code = 'PROJECTION_EXISTS';
  constructor(name: string) {
    super(`there is a projection "${name}" already`);
    this.name = 'ProjectionExistsError';
  }
}

/**
 * Adds one projection while others run: its table, which the processes that run its consumer group fill from the
 * beginning of the log. For a transaction of `inPreparation`, together with the caller's own record of it.
 * @throws ProjectionExistsError
 */
export async function addProjection<Tables>(
  tx: Transaction<Tables>,
  definition: TableDefinition,
): Promise<void> {
  const { name } = definition;
  if ((await pointerOf(tx, name)) !== NO_VERSION) throw new ProjectionExistsError(name);
  await createFirst(tx, definition, await knownVersions(tx, name));
}

async function assertUnchanged<Tables>(
  tx: Transaction<Tables>,
  version: number,
  definition: TableDefinition,
): Promise<void> {
  const { rows } = await sql<{ same: boolean }>`
    select definition = ${JSON.stringify(shapeOf(definition))}::jsonb as same
    from projection_versions where name = ${definition.name} and version = ${version}`.execute(tx);
  if (rows[0]?.same !== true) throw new ProjectionChangedError(definition);
}

async function create<Tables>(
  tx: Transaction<Tables>,
  definition: TableDefinition,
  foldVersion: number,
  switchWhen: SwitchWhen | null,
): Promise<void> {
  const { name, version } = definition;
  const shape = shapeOf(definition);
  const columns = Object.entries(shape.columns).map(([column, declaration]) =>
    // keys are looked up and locked in order; the order of bytes does not change with the server's languages
    column === shape.key
      ? sql`${sql.ref(column)} text collate "C" primary key`
      : sql`${sql.ref(column)} ${sql.raw(declaration)}`,
  );
  await sql`create table ${sql.table(projectionTable(definition))} (${sql.join(columns)})`.execute(tx);
  await sql`
    insert into projection_versions (name, version, definition, fold_version, switch_when)
    values (${name}, ${version}, ${JSON.stringify(shape)}::jsonb, ${foldVersion}, ${switchWhen})`.execute(tx);
  await createIndexes(tx, definition);
}

/** Looks first: even `IF NOT EXISTS` waits for all transactions that write to the table. */
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
