import { sql } from 'kysely';
import { projectionTable } from '../projection/definition.ts';
import type { VersionComparison } from './compare.ts';
import type { Queryable } from './queryable.ts';

/** No projection, or no version of it, has been prepared under this name. */
export class UnknownProjectionError extends Error {
  readonly code = 'UNKNOWN_PROJECTION';
  readonly projection: string;
  constructor(name: string, version?: number) {
    super(`there is no projection "${name}"${version === undefined ? '' : ` version ${version}`}`);
    this.name = 'UnknownProjectionError';
    this.projection = name;
  }
}

/** When a version that is being built takes the active one's place: by itself, or when it is asked for. */
export type SwitchWhen = 'caught-up' | 'asked';

export interface RegisteredVersion {
  readonly version: number;
  /** Version of the code whose fold fills it; a rebuild is the same fold under another version. */
  readonly foldVersion: number;
  readonly active: boolean;
  /** Null: it is not waiting for a switch. */
  readonly switchWhen: SwitchWhen | null;
  /** With the active version, when it had caught up. */
  readonly comparison: VersionComparison | null;
  /** It is removed as soon as no process works on it any more. */
  readonly retired: boolean;
  readonly registeredAt: Date;
  /** Names of its table's columns, and of the one that holds the key. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: string;
}

/** A projection as the database has it, for every process that works on it. */
export interface ProjectionState {
  readonly name: string;
  /** `NO_VERSION` while what is left of a removed projection goes. */
  readonly activeVersion: number;
  /** The one that was active before; null when it was retired, or there was none. */
  readonly previousVersion: number | null;
  readonly paused: boolean;
  /** Oldest first. */
  readonly versions: readonly RegisteredVersion[];
}

/** In place of an active version: the projection was removed, and may be added again under a later number. */
export const NO_VERSION = 0;

/** The version that queries are answered from. @throws UnknownProjectionError */
export async function activeVersion({ db }: Queryable, name: string): Promise<number> {
  const { rows } = await sql<{ active_version: number }>`
    select active_version from projections where name = ${name}`.execute(db);
  const [row] = rows;
  if (row === undefined || row.active_version === NO_VERSION) throw new UnknownProjectionError(name);
  return row.active_version;
}

/**
 * Name of the table that queries are answered from. It changes with a switch, but no table goes away before its
 * version is retired. Query it as ``db.selectFrom(sql<Row>`${sql.table(name)}`.as('rows'))``.
 * @throws UnknownProjectionError
 */
export async function activeTable(database: Queryable, name: string): Promise<string> {
  return projectionTable({ name, version: await activeVersion(database, name) });
}

interface StateRow {
  readonly name: string;
  readonly active_version: number;
  readonly previous_version: number | null;
  readonly paused: boolean;
  readonly version: number;
  readonly fold_version: number;
  readonly switch_when: SwitchWhen | null;
  readonly comparison: VersionComparison | null;
  readonly retired: boolean;
  readonly registered_at: Date;
  readonly definition: { readonly key: string; readonly columns: Readonly<Record<string, string>> };
}

/**
 * Every projection with its versions. A retired version is listed until nothing is left of it, and again when a process
 * that was suspended during the removal has written a checkpoint afterwards.
 */
export async function projectionStates({ db }: Queryable): Promise<readonly ProjectionState[]> {
  const { rows } = await sql<StateRow>`
    select p.name, p.active_version, p.previous_version, p.paused, v.version, v.fold_version, v.switch_when,
      v.comparison, v.retired_at is not null as retired, v.registered_at, v.definition
    from projections p join projection_versions v using (name)
    where v.removed_at is null or exists (
      select 1 from consumer_checkpoints c where c.group_name = 'projection:' || v.name || ':v' || v.version)
    order by p.name, v.version`.execute(db);
  const byName = Map.groupBy(rows, ({ name }) => name);
  return [...byName.values()].flatMap((versions) => {
    const [first] = versions;
    return first === undefined ? [] : [stateOf(first, versions)];
  });
}

function stateOf(first: StateRow, rows: readonly StateRow[]): ProjectionState {
  const { name, active_version, previous_version, paused } = first;
  const versions = rows.map((row) => ({
    version: row.version,
    foldVersion: row.fold_version,
    active: row.version === active_version,
    switchWhen: row.switch_when,
    comparison: row.comparison,
    retired: row.retired,
    registeredAt: row.registered_at,
    columns: row.definition.columns,
    key: row.definition.key,
  }));
  return { name, activeVersion: active_version, previousVersion: previous_version, paused, versions };
}

/** @throws UnknownProjectionError */
export async function projectionState(database: Queryable, name: string): Promise<ProjectionState> {
  const found = (await projectionStates(database)).find((state) => state.name === name);
  if (found === undefined) throw new UnknownProjectionError(name);
  return found;
}

/**
 * Locks a projection's pointer, so that one transaction at a time changes which versions there are and which is active;
 * consumers do not lock it. Returns the active version, `NO_VERSION` for a projection that was removed.
 */
export async function lockPointer({ db }: Queryable, name: string): Promise<number> {
  const { rows } = await sql<{ active_version: number }>`
    select active_version from projections where name = ${name} for update`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new UnknownProjectionError(name);
  return row.active_version;
}

/** @throws UnknownProjectionError for a version that is not there, or is retired */
export async function assertRegistered({ db }: Queryable, name: string, version: number): Promise<void> {
  const { rows } = await sql`
    select 1 from projection_versions
    where name = ${name} and version = ${version} and retired_at is null`.execute(db);
  if (rows.length === 0) throw new UnknownProjectionError(name, version);
}
