import { type QueryExecutorProvider, sql } from 'kysely';
import { projectionTable } from '../projection/definition.ts';

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

/** Whatever has a connection: `database`, or its `db` in a transaction as `{ db: tx }`. */
export interface Queryable {
  readonly db: QueryExecutorProvider;
}

export interface RegisteredVersion {
  readonly version: number;
  readonly active: boolean;
  readonly registeredAt: Date;
}

/** The version that queries are answered from. @throws UnknownProjectionError */
export async function activeVersion({ db }: Queryable, name: string): Promise<number> {
  const { rows } = await sql<{ active_version: number }>`
    select active_version from projections where name = ${name}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new UnknownProjectionError(name);
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

/** All versions that have been prepared and not retired, oldest first. @throws UnknownProjectionError */
export async function registeredVersions(
  { db }: Queryable,
  name: string,
): Promise<readonly RegisteredVersion[]> {
  const { rows } = await sql<{ version: number; active: boolean; registered_at: Date }>`
    select v.version, v.version = p.active_version as active, v.registered_at
    from projections p join projection_versions v using (name)
    where p.name = ${name} order by v.version`.execute(db);
  if (rows.length === 0) throw new UnknownProjectionError(name);
  return rows.map(({ version, active, registered_at }) => ({ version, active, registeredAt: registered_at }));
}
