import { type EventEnvelope, entryIdOf, isStreamName } from '@headrace/event-schema';
import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';
import type { StoreKeys } from '../keys.ts';
import { readPartition } from '../read/read-log.ts';
import { scanKeys } from './scan.ts';

/** Problems listed at most. */
const MAX_PROBLEMS = 100;
const BATCH = 500;

export interface VerifyReport {
  readonly partition: number;
  readonly events: number;
  readonly streams: number;
  readonly problems: readonly string[];
  readonly ok: boolean;
}

/**
 * Compares a partition's log with its index: the index names every event at its version, and nothing else. Reads only;
 * concurrent writes can make the totals differ.
 */
export async function verifyPartition(context: StoreContext, partition: number): Promise<VerifyReport> {
  const problems: string[] = [];
  const report = (problem: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem);
  };
  let events = 0;
  for await (const batch of batches(readPartition(context, partition, {}))) {
    events += batch.length;
    for (const problem of await compare(context, partition, batch)) report(problem);
  }
  const indexed = await indexTotals(context, partition);
  if (indexed.entries !== events)
    report(`the log holds ${events} events, the index names ${indexed.entries}`);
  const counted = Number(await reading(context.reader.get(context.keys.count(partition, 'streams'))));
  if (indexed.streams !== counted)
    report(`the index is of ${indexed.streams} streams, and ${counted} were counted`);
  return { partition, events, streams: indexed.streams, problems, ok: problems.length === 0 };
}

async function* batches(events: AsyncIterable<EventEnvelope>): AsyncGenerator<EventEnvelope[]> {
  let batch: EventEnvelope[] = [];
  for await (const event of events) {
    batch.push(event);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function compare(
  context: StoreContext,
  partition: number,
  batch: readonly EventEnvelope[],
): Promise<string[]> {
  const { keys, reader } = context;
  const pipeline = reader.pipeline();
  for (const { stream, version } of batch) pipeline.lindex(indexKey(keys, partition, stream), version - 1);
  const replies = (await reading(pipeline.exec())) ?? [];
  return batch.flatMap((event, i) => {
    const { position, stream, version } = event;
    if (!isStreamName(stream)) return [`${position}: "${stream.slice(0, 80)}" is not a stream name`];
    const home = keys.partitionOf(stream);
    if (home !== partition) return [`${position}: stream "${stream}" belongs on partition ${home}`];
    const named = version >= 1 ? replies[i]?.[1] : undefined;
    if (named === entryIdOf(position)) return [];
    return [`${position}: index of "${stream}" names ${String(named ?? 'nothing')} as version ${version}`];
  });
}

function indexKey(keys: StoreKeys, partition: number, stream: string): string {
  return `${keys.streamPrefix(partition)}${stream}`;
}

async function indexTotals(
  { keys, reader }: StoreContext,
  partition: number,
): Promise<{ streams: number; entries: number }> {
  const seen = new Set<string>();
  let entries = 0;
  for await (const found of scanKeys(reader, keys.streamPrefix(partition))) {
    const fresh = found.filter((key) => !seen.has(key));
    const pipeline = reader.pipeline();
    for (const key of fresh) {
      seen.add(key);
      pipeline.llen(key);
    }
    for (const [, length] of (await reading(pipeline.exec())) ?? []) entries += Number(length ?? 0);
  }
  return { streams: seen.size, entries };
}
