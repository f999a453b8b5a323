import {
  DISPUTED,
  endDispute,
  type KnownLog,
  replaceMissed,
  successorOf,
} from './connection/log-identity.ts';
import { reading, translateFailure } from './connection/translate-redis-error.ts';
import type { StoreContext } from './context.ts';
import { LogDisputedError, LogMismatchError } from './errors.ts';

/** Raise it when the meaning of keys or entries changes. */
const LAYOUT_VERSION = 1;

/**
 * Records the log's shape and id when it is first used, and refuses a log of another shape. A process that knows a log
 * does not create another one.
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
  // a log that exists can be read even if nothing can be written at the moment
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

/**
 * Checks that the log is the known one, or one that replaces it.
 * @returns its id
 * @throws LogChangedError
 */
export function requireKnownLog({ reader, keys }: StoreContext, known: KnownLog): Promise<string> {
  return reading(successorOf(reader, keys, known));
}

/** @throws LogDisputedError */
export async function requireUndisputed({ reader, keys }: StoreContext): Promise<void> {
  if ((await reading(reader.get(keys.hold(0)))) === DISPUTED) throw new LogDisputedError(keys.meta);
}

/**
 * Lets processes and databases that know another log of this name go on with this one. It lacks what that one had, so
 * transactional groups have diverged then.
 * @returns ids of the logs that it replaces from now on
 */
export async function adoptLog({ reader, keys }: StoreContext): Promise<readonly string[]> {
  const replaced = await reading(replaceMissed(reader, keys.meta));
  await reading(endDispute(reader, keys));
  return replaced;
}
