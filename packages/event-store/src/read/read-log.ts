import { compareEntryIds, type EventEnvelope, entryIdOf, parsePosition } from '@headrace/event-schema';
import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';
import { PAGE_LIMITS } from '../store-settings.ts';
import { type Entries, type RawEntry, readEntries, storedEvent } from './log-entry.ts';
import { slices } from './slices.ts';

/** Many readers want no more than this. */
const FIRST_PAGE_EVENTS = 25;

/** Which events of the log; absent fields do not filter. */
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

/** A page of a partition after an entry id (`0` for the start). */
async function readPage(
  context: StoreContext,
  partition: number,
  afterEntryId: string,
  count: number,
): Promise<Entries> {
  const start = afterEntryId === '0' ? '-' : `(${afterEntryId}`;
  return await reading(readEntries(context.reader, context.keys.log(partition), start, count));
}

/** The event at a position; null if there is none. @throws InvalidPositionError */
export async function readEvent(context: StoreContext, position: string): Promise<EventEnvelope | null> {
  const { partition } = parsePosition(position);
  if (partition >= context.keys.partitions) return null;
  const id = entryIdOf(position);
  const [entry] = (await reading(
    context.reader.xrange(context.keys.log(partition), id, id),
  )) as unknown as RawEntry[];
  if (entry === undefined) return null;
  return context.registry.decode(storedEvent(partition, entry[0], entry[1] ?? []));
}

/**
 * Yields a partition's events in order, with one page read ahead, up to its end when the last page was read. Yields to
 * the event loop in between.
 */
export async function* readPartition(
  context: StoreContext,
  partition: number,
  options: ReadPartitionOptions,
): AsyncGenerator<EventEnvelope> {
  const matches = matcher(options);
  for await (const entries of pages(context, partition, startAfter(options))) {
    for (const [id, fields] of entries) {
      if (slices.isOver) await slices.next();
      const event = context.registry.decode(storedEvent(partition, id, fields ?? []));
      if (matches(event)) yield event;
    }
  }
}

async function* pages(
  context: StoreContext,
  partition: number,
  afterEntryId: string,
): AsyncGenerator<readonly RawEntry[]> {
  const request = (after: string, count: number): Promise<Entries> => {
    const page = readPage(context, partition, after, count);
    page.catch(() => undefined);
    return page;
  };
  let ahead: Promise<Entries> | undefined = request(afterEntryId, FIRST_PAGE_EVENTS);
  while (ahead !== undefined) {
    const { entries, isEnd }: Entries = await ahead;
    const last: RawEntry | undefined = isEnd ? undefined : entries.at(-1);
    ahead = last === undefined ? undefined : request(last[0], PAGE_LIMITS.events);
    yield entries;
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
  const since = `${Math.ceil(options.sinceMs) - 1}-18446744073709551615`;
  return after === '0' || compareEntryIds(after, since) < 0 ? since : after;
}

function matcher(filter: LogFilter): (event: EventEnvelope) => boolean {
  const types = filter.types === undefined ? undefined : new Set(filter.types);
  return (event) =>
    (filter.category === undefined || event.category === filter.category) &&
    (types === undefined || types.has(event.type));
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
    const seen = after.find((position) => parsePosition(position).partition === partition);
    return readPartition(context, partition, { ...rest, ...(seen === undefined ? {} : { after: seen }) });
  });
  const heads = await Promise.all(sources.map(nextOf));
  for (;;) {
    let earliest = -1;
    for (let i = 0; i < heads.length; i += 1) if (isEarlier(heads[i], heads[earliest])) earliest = i;
    const head = heads[earliest];
    const source = sources[earliest];
    if (head === undefined || source === undefined) return;
    yield head.event;
    heads[earliest] = await nextOf(source);
  }
}

/** The next event of a partition, and the time that it is ordered by. */
interface Head {
  readonly event: EventEnvelope;
  readonly ms: number;
  readonly seq: number;
}

async function nextOf(source: AsyncGenerator<EventEnvelope>): Promise<Head | undefined> {
  const { done, value } = await source.next();
  if (done === true) return undefined;
  const { ms, seq } = parsePosition(value.position);
  return { event: value, ms, seq };
}

function isEarlier(candidate: Head | undefined, best: Head | undefined): boolean {
  if (candidate === undefined) return false;
  if (best === undefined) return true;
  return candidate.ms < best.ms || (candidate.ms === best.ms && candidate.seq < best.seq);
}
