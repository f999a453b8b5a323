import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { reading } from '../connection/failures.ts';
import type { StoreContext } from '../context.ts';
import { readPartition } from '../read/log.ts';

/** Problems listed at most; the counts go on. */
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
 * Compares a partition's log with its index: every event's version follows the one before in its stream and
 * the index names it in that place, and the index names nothing else. Reads only; a writer that is busy
 * meanwhile can make the totals differ.
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
  const problems: string[] = [];
  const pipeline = context.reader.pipeline();
  for (const { stream, version } of batch) pipeline.lindex(context.keys.stream(stream), version - 1);
  const replies = (await reading(pipeline.exec())) ?? [];
  for (const [i, event] of batch.entries()) {
    if (context.keys.partitionOf(event.stream) !== partition) {
      problems.push(
        `${event.position}: stream "${event.stream}" belongs on partition ${context.keys.partitionOf(event.stream)}`,
      );
      continue;
    }
    const named = replies[i]?.[1];
    if (named !== entryIdOf(event.position)) {
      problems.push(
        `${event.position}: index of "${event.stream}" names ${String(named ?? 'nothing')} as version ${event.version}`,
      );
    }
  }
  return problems;
}

async function indexTotals(
  context: StoreContext,
  partition: number,
): Promise<{ streams: number; entries: number }> {
  let streams = 0;
  let entries = 0;
  const match = `${escapeGlob(context.keys.streamPrefix(partition))}*`;
  for await (const found of context.reader.scanStream({ match, count: 1_000, type: 'list' })) {
    const pipeline = context.reader.pipeline();
    for (const key of found as string[]) pipeline.llen(key);
    for (const [, length] of (await reading(pipeline.exec())) ?? []) entries += Number(length);
    streams += (found as string[]).length;
  }
  return { streams, entries };
}

/** Takes the meaning out of glob characters, for SCAN's MATCH. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
