import { compareEntryIds, type EventEnvelope, entryIdOf, partitionOfPosition } from '@headrace/event-schema';
import { reading } from '../connection/failures.ts';
import type { StoreContext } from '../context.ts';
import { PAGE_LIMITS } from '../settings.ts';
import { type RawEntry, storedEvent } from './entry.ts';

/** Which events of the log; what is absent does not filter. */
export interface LogFilter {
  readonly category?: string;
  readonly types?: readonly string[];
}

export interface ReadLogOptions extends LogFilter {
  /** Position of the last event already seen, for each partition that has one. */
  readonly after?: readonly string[];
  /** Only events recorded at or after this time, ms since the epoch. */
  readonly sinceMs?: number;
}

export interface ReadPartitionOptions extends LogFilter {
  /** Position (or entry id) after which to read; absent: from the start. */
  readonly after?: string;
  readonly sinceMs?: number;
}

/** One page of a partition after an entry id (`0` for the start): raw, unfiltered, at most `count` entries. */
export async function readPartitionPage(
  context: StoreContext,
  partition: number,
  afterEntryId: string,
  count: number,
): Promise<readonly EventEnvelope[]> {
  const start = afterEntryId === '0' ? '-' : `(${afterEntryId}`;
  const entries = (await reading(
    context.reader.xrange(context.keys.log(partition), start, '+', 'COUNT', count),
  )) as unknown as RawEntry[];
  return entries.map(([id, fields]) => context.registry.decode(storedEvent(partition, id, fields ?? [])));
}

/** The event at a position; null where the log holds none. */
export async function readEvent(context: StoreContext, position: string): Promise<EventEnvelope | null> {
  const partition = partitionOfPosition(position);
  if (!(partition < context.keys.partitions)) return null;
  const id = entryIdOf(position);
  const [entry] = (await reading(
    context.reader.xrange(context.keys.log(partition), id, id),
  )) as unknown as RawEntry[];
  if (entry === undefined) return null;
  return context.registry.decode(storedEvent(partition, entry[0], entry[1] ?? []));
}

/** Yields a partition's events in order up to its end at the time of the last page. */
export async function* readPartition(
  context: StoreContext,
  partition: number,
  options: ReadPartitionOptions,
): AsyncGenerator<EventEnvelope> {
  const matches = matcher(options);
  let after = startAfter(options);
  let count: number = PAGE_LIMITS.events;
  for (;;) {
    const page = await readPartitionPage(context, partition, after, count);
    for (const event of page) if (matches(event)) yield event;
    const last = page.at(-1);
    if (last === undefined || page.length < count) return;
    after = entryIdOf(last.position);
    count = nextPageSize(page);
  }
}

function startAfter(options: ReadPartitionOptions): string {
  const after =
    options.after === undefined
      ? '0'
      : options.after.split('-').length === 3
        ? entryIdOf(options.after)
        : options.after;
  if (options.sinceMs === undefined || options.sinceMs <= 0) return after;
  const since = `${options.sinceMs - 1}-18446744073709551615`;
  return after === '0' || compareEntryIds(after, since) < 0 ? since : after;
}

function matcher(filter: LogFilter): (event: EventEnvelope) => boolean {
  const types = filter.types === undefined ? undefined : new Set(filter.types);
  return (event) =>
    (filter.category === undefined || event.category === filter.category) &&
    (types === undefined || types.has(event.type));
}

/** Keeps a page within its byte limit, judging by the page before. */
function nextPageSize(page: readonly EventEnvelope[]): number {
  const sample = page.slice(0, 10);
  const average =
    sample.reduce((sum, event) => sum + JSON.stringify(event.data).length, 0) / Math.max(1, sample.length);
  return Math.max(1, Math.min(PAGE_LIMITS.events, Math.floor(PAGE_LIMITS.bytes / Math.max(1, average))));
}

/**
 * Yields the whole log merged by (ms, seq, partition): an effect always comes after its cause; unrelated
 * events of one millisecond come in no promised order.
 */
export async function* readLog(
  context: StoreContext,
  options: ReadLogOptions,
): AsyncGenerator<EventEnvelope> {
  const { after = [], ...rest } = options;
  const sources = Array.from({ length: context.keys.partitions }, (_, partition) => {
    const seen = after.find((position) => partitionOfPosition(position) === partition);
    return readPartition(context, partition, { ...rest, ...(seen === undefined ? {} : { after: seen }) });
  });
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let earliest = -1;
    for (let i = 0; i < heads.length; i += 1) if (isEarlier(heads[i], heads[earliest])) earliest = i;
    const head = heads[earliest];
    const source = sources[earliest];
    if (head === undefined || head.done === true || source === undefined) return;
    yield head.value;
    heads[earliest] = await source.next();
  }
}

type Head = IteratorResult<EventEnvelope, unknown> | undefined;

function isEarlier(candidate: Head, best: Head): boolean {
  if (candidate === undefined || candidate.done === true) return false;
  if (best === undefined || best.done === true) return true;
  return compareEntryIds(entryIdOf(candidate.value.position), entryIdOf(best.value.position)) < 0;
}
