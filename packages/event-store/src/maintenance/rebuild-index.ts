import { entryIdOf } from '@headrace/event-schema';
import { reading } from '../connection/failures.ts';
import type { StoreContext } from '../context.ts';
import { readPartition } from '../read/log.ts';
import { escapeGlob } from './verify.ts';

const BATCH = 500;

export interface RebuildReport {
  readonly partition: number;
  readonly events: number;
  readonly streams: number;
  /** Events whose `version` field is not their place in the stream; the log's order is what counts. */
  readonly misnumbered: readonly string[];
}

/**
 * Recreates a partition's index from its log. Writers of the partition are refused meanwhile, and stay
 * refused if this dies: run it again. Readers see each stream's old index until its new one is whole.
 */
export async function rebuildIndex(context: StoreContext, partition: number): Promise<RebuildReport> {
  const { keys, reader } = context;
  await reading(reader.set(keys.hold(partition), 'rebuild'));
  await removeAll(context, keys.rebuiltPrefix(partition));
  const collected = await collect(context, partition);
  await dropVanished(context, partition);
  const streams = await putInPlace(context, partition);
  await reading(reader.del(keys.hold(partition)));
  return { partition, streams, ...collected };
}

async function collect(
  context: StoreContext,
  partition: number,
): Promise<{ events: number; misnumbered: string[] }> {
  const misnumbered: string[] = [];
  let events = 0;
  let pending: { position: string; version: number; key: string }[] = [];
  const flush = async (): Promise<void> => {
    const pipeline = context.reader.pipeline();
    for (const { key, position } of pending) pipeline.rpush(key, entryIdOf(position));
    const replies = (await reading(pipeline.exec())) ?? [];
    for (const [i, { position, version }] of pending.entries()) {
      if (Number(replies[i]?.[1]) !== version) misnumbered.push(position);
    }
    pending = [];
  };
  for await (const event of readPartition(context, partition, {})) {
    events += 1;
    pending.push({
      position: event.position,
      version: event.version,
      key: context.keys.rebuilt(partition, event.stream),
    });
    if (pending.length === BATCH) await flush();
  }
  await flush();
  return { events, misnumbered };
}

/** Removes the index of streams of which the log has no event. */
async function dropVanished(context: StoreContext, partition: number): Promise<void> {
  const prefix = context.keys.streamPrefix(partition);
  for await (const live of scan(context, prefix)) {
    const names = live.map((key) => key.slice(prefix.length));
    const pipeline = context.reader.pipeline();
    for (const name of names) pipeline.exists(context.keys.rebuilt(partition, name));
    const replies = (await reading(pipeline.exec())) ?? [];
    const vanished = live.filter((_, i) => Number(replies[i]?.[1]) === 0);
    if (vanished.length > 0) await reading(context.reader.del(...vanished));
  }
}

async function putInPlace(context: StoreContext, partition: number): Promise<number> {
  const prefix = context.keys.rebuiltPrefix(partition);
  const names = new Set<string>();
  for await (const rebuilt of scan(context, prefix))
    for (const key of rebuilt) names.add(key.slice(prefix.length));
  for (const name of names) {
    await reading(
      context.reader.rename(
        context.keys.rebuilt(partition, name),
        `${context.keys.streamPrefix(partition)}${name}`,
      ),
    );
  }
  return names.size;
}

async function removeAll(context: StoreContext, prefix: string): Promise<void> {
  for await (const keys of scan(context, prefix))
    if (keys.length > 0) await reading(context.reader.del(...keys));
}

async function* scan(context: StoreContext, prefix: string): AsyncGenerator<string[]> {
  for await (const keys of context.reader.scanStream({ match: `${escapeGlob(prefix)}*`, count: 1_000 }))
    yield keys as string[];
}
