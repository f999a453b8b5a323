import { entryIdOf, isStreamName } from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import { createAppendClient } from '../connection/clients.ts';
import { reading } from '../connection/translate-redis-error.ts';
import { requireOpen, type StoreContext } from '../context.ts';
import { StoreUnavailableError } from '../errors.ts';
import { readPartition } from '../read/read-log.ts';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';
import { scanKeys } from './scan.ts';

const BATCH = 500;

export interface RebuildReport {
  readonly partition: number;
  readonly events: number;
  readonly streams: number;
  /**
   * Positions of events whose `version` field is not their place in the stream (the log's order counts), and of entries
   * that no index can name: without a stream, or with a stream of another partition.
   */
  readonly misnumbered: readonly string[];
}

interface Rebuild {
  readonly context: StoreContext;
  readonly partition: number;
  /** Never sends a command twice: RPUSH and RENAME must not be repeated. */
  readonly client: Redis;
  /** Tells this rebuild from others of the same partition; the last one to start wins. */
  readonly token: string;
}

/**
 * Recreates a partition's index from its log. Appends to the partition are refused meanwhile, and also after this was
 * interrupted, until it is run again. Readers see each stream's old index until the new one is complete.
 * @throws StoreUnavailableError when the connection is lost, or another rebuild of the partition has started
 */
export async function rebuildIndex(context: StoreContext, partition: number): Promise<RebuildReport> {
  requireOpen(context);
  if (context.closing.aborted) throw new StoreUnavailableError('this store is closed');
  const client = createAppendClient(context.settings);
  const rebuild: Rebuild = { context, partition, client, token: crypto.randomUUID() };
  try {
    await reading(client.connect());
    await reading(client.set(context.keys.hold(partition), rebuild.token));
    await removeLeftovers(rebuild);
    const collected = await collect(rebuild);
    const streams = await putInPlace(rebuild);
    const released = await reading(
      runScript(
        client,
        scripts.releaseHold,
        [context.keys.hold(partition), context.keys.count(partition, 'streams')],
        [rebuild.token, streams],
      ),
    );
    refuseIfTakenOver(partition, released);
    return { partition, streams, ...collected };
  } finally {
    client.disconnect();
  }
}

function refuseIfTakenOver(partition: number, reply: unknown): void {
  const [status] = reply as [string];
  if (status === 'taken-over')
    throw new StoreUnavailableError(
      `another rebuild of partition ${partition} has started; this one gives up`,
    );
}

/** Deletes what an interrupted rebuild had collected. */
async function removeLeftovers({ context, partition, client }: Rebuild): Promise<void> {
  for await (const keys of scanKeys(client, context.keys.rebuiltPrefix(partition)))
    await reading(client.del(...keys));
}

interface Entry {
  readonly position: string;
  readonly stream: string;
  readonly version: number;
}

async function collect(rebuild: Rebuild): Promise<{ events: number; misnumbered: string[] }> {
  const { context, partition } = rebuild;
  const misnumbered: string[] = [];
  let events = 0;
  let batch: Entry[] = [];
  for await (const event of readPartition(context, partition, {})) {
    events += 1;
    if (isStreamName(event.stream) && context.keys.partitionOf(event.stream) === partition) batch.push(event);
    else misnumbered.push(event.position);
    if (batch.length === BATCH) {
      misnumbered.push(...(await push(rebuild, batch)));
      batch = [];
    }
  }
  misnumbered.push(...(await push(rebuild, batch)));
  return { events, misnumbered };
}

async function push(
  { context, partition, client, token }: Rebuild,
  batch: readonly Entry[],
): Promise<string[]> {
  const lengths = await Promise.all(
    batch.map(({ stream, position }) =>
      reading(client.rpush(context.keys.rebuilt(partition, token, stream), entryIdOf(position))),
    ),
  );
  return batch.filter(({ version }, i) => lengths[i] !== version).map(({ position }) => position);
}

/** Replaces every live index, and removes those of streams without an event in the log. */
async function putInPlace(rebuild: Rebuild): Promise<number> {
  const { context, partition, client, token } = rebuild;
  const rebuiltPrefix = context.keys.rebuilt(partition, token, '');
  const livePrefix = context.keys.streamPrefix(partition);
  const rebuilt = new Set<string>();
  for await (const keys of scanKeys(client, rebuiltPrefix))
    for (const key of keys) rebuilt.add(key.slice(rebuiltPrefix.length));
  const vanished = new Set<string>();
  for await (const keys of scanKeys(client, livePrefix)) {
    for (const key of keys) {
      const stream = key.slice(livePrefix.length);
      if (!rebuilt.has(stream)) vanished.add(stream);
    }
  }
  await placeAll(rebuild, [...rebuilt, ...vanished]);
  return rebuilt.size;
}

async function placeAll(
  { context, partition, client, token }: Rebuild,
  streams: readonly string[],
): Promise<void> {
  const { keys } = context;
  const live = keys.streamPrefix(partition);
  for (let from = 0; from < streams.length; from += BATCH) {
    const replies = await Promise.all(
      streams
        .slice(from, from + BATCH)
        .map((stream) =>
          reading(
            runScript(
              client,
              scripts.placeIndex,
              [keys.hold(partition), keys.rebuilt(partition, token, stream), `${live}${stream}`],
              [token],
            ),
          ),
        ),
    );
    for (const reply of replies) refuseIfTakenOver(partition, reply);
  }
}
