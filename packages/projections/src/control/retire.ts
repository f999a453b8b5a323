import type { EventStore } from '@headrace/event-store';
import { type Database, removeGroup } from '@headrace/postgres';
import { sql, type Transaction } from 'kysely';
import { type ProjectionVersion, projectionGroup, projectionTable } from '../projection/definition.ts';
import { lockPointer, NO_VERSION, UnknownProjectionError } from './versions.ts';

/** The version is the active one, so it cannot be retired. */
export class VersionActiveError extends Error {
  readonly code = 'VERSION_ACTIVE';
  constructor({ name, version }: ProjectionVersion) {
    super(`version ${version} of projection "${name}" is the active one: switch to another first`);
    this.name = 'VersionActiveError';
  }
}

/**
 * Marks a version as retired. The processes that run its consumer group stop at their next poll; `removeRetired` then
 * removes what is left of it.
 * @throws UnknownProjectionError, VersionActiveError
 */
export async function retireVersion<Tables>(
  database: Database<Tables>,
  retired: ProjectionVersion,
): Promise<void> {
  const { name, version } = retired;
  await database.db.transaction().execute(async (tx) => {
    if ((await lockPointer({ db: tx }, name)) === version) throw new VersionActiveError(retired);
    const { numAffectedRows } = await sql`
      update projection_versions set retired_at = coalesce(retired_at, now()), switch_when = null
      where name = ${name} and version = ${version} and removed_at is null`.execute(tx);
    if (numAffectedRows !== 1n) throw new UnknownProjectionError(name, version);
    await sql`
      update projections set previous_version = null
      where name = ${name} and previous_version = ${version}`.execute(tx);
  });
}

/**
 * Retires all versions of a projection at once, the active one too. From now on the projection is unknown, and
 * `removeRetired` removes what is left of it. For a transaction of `inPreparation`.
 * @throws UnknownProjectionError
 */
export async function removeProjection<Tables>(tx: Transaction<Tables>, name: string): Promise<void> {
  if ((await lockPointer({ db: tx }, name)) === NO_VERSION) throw new UnknownProjectionError(name);
  await sql`
    update projections set active_version = ${NO_VERSION}, previous_version = null, paused = false
    where name = ${name}`.execute(tx);
  await sql`
    update projection_versions set retired_at = coalesce(retired_at, now()), switch_when = null
    where name = ${name} and removed_at is null`.execute(tx);
}

/**
 * Removes table, checkpoints, dead letters and Redis group of a retired version, once its group has no live member
 * any more. Safe in several processes at once, repeatable.
 * @param leaseMs for how long a member's heartbeat counts
 * @returns false where there still are members
 */
export async function removeRetired<Tables>(
  database: Database<Tables>,
  store: EventStore,
  retired: ProjectionVersion,
  leaseMs: number,
): Promise<boolean> {
  const group = projectionGroup(retired);
  if (await hasMembers(store, group, leaseMs)) return false;
  // the database last: as long as the version is listed there, this is repeated
  for (let partition = 0; partition < store.partitions; partition += 1) {
    await destroyGroup(store, store.keys.log(partition), group);
    await store.redis.del(store.keys.group(partition, group, 'lease'));
  }
  await store.redis.del(store.keys.members(group));
  await database.db.transaction().execute((tx) => removeRows(tx, retired));
  return true;
}

async function hasMembers({ redis, keys }: EventStore, group: string, leaseMs: number): Promise<boolean> {
  const [seconds, micros] = await redis.time();
  const nowMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
  return (await redis.zcount(keys.members(group), nowMs - leaseMs, '+inf')) > 0;
}

async function destroyGroup({ redis }: EventStore, key: string, group: string): Promise<void> {
  try {
    await redis.xgroup('DESTROY', key, group);
  } catch (error) {
    // a partition without any event has no stream
    if (!(error instanceof Error && error.message.includes('requires the key to exist'))) throw error;
  }
}

async function removeRows<Tables>(tx: Transaction<Tables>, retired: ProjectionVersion): Promise<void> {
  const { name, version } = retired;
  if ((await lockPointer({ db: tx }, name)) === version) throw new VersionActiveError(retired);
  await removeGroup(tx, projectionGroup(retired));
  await sql`drop table if exists ${sql.table(projectionTable(retired))}`.execute(tx);
  await sql`
    update projection_versions set removed_at = coalesce(removed_at, now())
    where name = ${name} and version = ${version}`.execute(tx);
}
