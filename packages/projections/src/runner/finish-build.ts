import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/postgres';
import { sql } from 'kysely';
import { type ComparedTable, compareVersions } from '../control/compare.ts';
import { type ProjectionProgress, progressOf } from '../control/progress.ts';
import { switchProjection } from '../control/switch.ts';
import type { ProjectionState, RegisteredVersion } from '../control/versions.ts';

/** A build that is behind the active version by no more than this may be switched to, while that one stands still. */
const NEAR_EVENTS = 1_000;
const NEAR_SHARE = 0.01;

/**
 * Compares a build with the active version once it has caught up, stores the comparison, and switches to the build
 * unless that is left to an operator. Repeatable; one process at a time compares.
 */
export async function finishBuild(
  database: Database<unknown>,
  store: EventStore,
  { name, activeVersion, versions }: ProjectionState,
  build: RegisteredVersion,
): Promise<void> {
  const active = versions.find(({ version }) => version === activeVersion);
  if (active === undefined || !(await isNear(database, store, name, active.version, build.version))) return;
  if (build.comparison === null) {
    const tables = [active, build].map(({ version, key, columns }) => ({ name, version, key, columns }));
    if (!(await compareOnce(database, tables))) return;
  }
  if (build.switchWhen === 'caught-up') await switchProjection(database, name, build.version, { store });
}

/** Of an active version that has handled events which the log has lost, only those up to the log's end count. */
async function isNear(
  database: Database<unknown>,
  store: EventStore,
  name: string,
  active: number,
  build: number,
): Promise<boolean> {
  const lengths = await logLengths(store);
  const seen = await progressOf(database, { name, version: active });
  const reached = await progressOf(database, { name, version: build });
  const handled = byPartition(reached);
  const behind = seen.partitions.map(({ partition, handledEntries }) =>
    Math.max(0, Math.min(handledEntries, lengths[partition] ?? 0) - (handled.get(partition) ?? 0)),
  );
  const all = behind.reduce((sum, events) => sum + events, 0);
  return all <= Math.min(NEAR_EVENTS, NEAR_SHARE * reached.handledEntries);
}

function byPartition({ partitions }: ProjectionProgress): ReadonlyMap<number, number> {
  return new Map(partitions.map(({ partition, handledEntries }) => [partition, handledEntries]));
}

async function logLengths({ partitions, redis, keys }: EventStore): Promise<readonly number[]> {
  return await Promise.all(
    Array.from({ length: partitions }, (_, partition) => redis.xlen(keys.log(partition))),
  );
}

/** False while another process does it. */
async function compareOnce(database: Database<unknown>, tables: readonly ComparedTable[]): Promise<boolean> {
  const [active, build] = tables;
  if (active === undefined || build === undefined) return false;
  const { name, version } = build;
  return await database.db.transaction().execute(async (tx) => {
    const lock = `${database.schema}: compare ${name}`;
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${lock}, 0)) as mine`.execute(tx);
    if (rows[0]?.mine !== true) return false;
    const comparison = await compareVersions({ db: tx }, active, build);
    await sql`
      update projection_versions set comparison = ${JSON.stringify(comparison)}::jsonb
      where name = ${name} and version = ${version}`.execute(tx);
    return true;
  });
}
