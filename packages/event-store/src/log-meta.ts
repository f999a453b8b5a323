import { reading, translateFailure } from './connection/failures.ts';
import type { StoreContext } from './context.ts';
import { LogMismatchError } from './errors.ts';

/** Raise it when the meaning of keys or entries changes. */
const LAYOUT_VERSION = 1;

/** Records the log's shape when it is first used, and refuses to work on a log of another shape. */
export async function agreeOnLog({ reader, keys }: StoreContext): Promise<void> {
  const pipeline = reader.pipeline();
  pipeline.hsetnx(keys.meta, 'partitions', keys.partitions);
  pipeline.hsetnx(keys.meta, 'layout', LAYOUT_VERSION);
  const results = (await reading(pipeline.exec())) ?? [];
  const { partitions, layout } = await reading(reader.hgetall(keys.meta));
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
}
