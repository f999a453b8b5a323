import type { Redis } from 'ioredis';
import { reading, translateFailure } from './connection/failures.ts';
import { replaceMissed, successorOf } from './connection/log-identity.ts';
import type { StoreContext } from './context.ts';
import { LogChangedError, LogDisputedError, LogMismatchError } from './errors.ts';

/** Raise it when the meaning of keys or entries changes. */
const LAYOUT_VERSION = 1;

/**
 * Records the log's shape and its identity when it is first used, and refuses to work on a log of another shape.
 * A process that has known a log makes no other one.
 */
export async function agreeOnLog({ reader, keys, identity }: StoreContext): Promise<void> {
  await reading(identity.check(reader));
  const pipeline = reader.pipeline();
  pipeline.hsetnx(keys.meta, 'id', crypto.randomUUID());
  pipeline.hsetnx(keys.meta, 'createdAt', new Date().toISOString());
  pipeline.hsetnx(keys.meta, 'partitions', keys.partitions);
  pipeline.hsetnx(keys.meta, 'layout', LAYOUT_VERSION);
  const results = (await reading(pipeline.exec())) ?? [];
  const { partitions, layout, id } = await reading(reader.hgetall(keys.meta));
  // an existing log can be read even where nothing can be written at the moment
  const refused = results.find(([error]) => error !== null)?.[0];
  if (refused && partitions === undefined) throw translateFailure(refused);
  if (Number(partitions) !== keys.partitions) {
    throw new LogMismatchError(
      `the log "${keys.meta}" was created with ${partitions} partitions, and this service is set to ${keys.partitions}; set LOG_PARTITIONS=${partitions}, or use another KEY_PREFIX for a new log`,
    );
  }
  if (Number(layout) !== LAYOUT_VERSION) {
    throw new LogMismatchError(
      `the log "${keys.meta}" has layout version ${layout}; this release knows ${LAYOUT_VERSION}`,
    );
  }
  if (id === undefined) return;
  identity.know(id);
  await reading(identity.check(reader));
}

/** A log as somebody has known it. */
export interface KnownLog {
  readonly id: string;
  /** ISO 8601; when it was first seen. */
  readonly since: string;
}

/** What appends are refused with while it is not decided which log is the right one. */
export const DISPUTED = 'disputed';

/**
 * Makes sure that the log is the one that somebody knows, or stands in its place. Where it is younger than that
 * knowledge, the old one was lost and this one was begun in its place: then nobody may append until it is decided.
 * An older one is not this service's, and is left alone.
 * @returns its id
 * @throws LogChangedError
 */
export async function requireKnownLog({ reader, keys }: StoreContext, known: KnownLog): Promise<string> {
  try {
    return await reading(successorOf(reader, keys.meta, known.id));
  } catch (error) {
    if (error instanceof LogChangedError && (await isYounger(reader, keys.meta, known.since))) {
      for (let partition = 0; partition < keys.partitions; partition += 1)
        await reading(reader.set(keys.hold(partition), DISPUTED, 'NX'));
    }
    throw error;
  }
}

/** @throws LogDisputedError */
export async function requireUndisputed({ reader, keys }: StoreContext): Promise<void> {
  if ((await reading(reader.get(keys.hold(0)))) === DISPUTED) throw new LogDisputedError(keys.meta);
}

async function isYounger(reader: Redis, metaKey: string, since: string): Promise<boolean> {
  const createdAt = await reading(reader.hget(metaKey, 'createdAt'));
  return createdAt !== null && Date.parse(createdAt) > Date.parse(since);
}

/**
 * Lets everybody go on with this log who has known another one of its name. What that one had is lost to it:
 * transactional groups have then diverged.
 * @returns ids of the logs in whose place it stands from now on
 */
export async function adoptLog({ reader, keys }: StoreContext): Promise<readonly string[]> {
  const replaced = await reading(replaceMissed(reader, keys.meta));
  for (let partition = 0; partition < keys.partitions; partition += 1) {
    const hold = keys.hold(partition);
    if ((await reading(reader.get(hold))) === DISPUTED) await reading(reader.del(hold));
  }
  return replaced;
}
