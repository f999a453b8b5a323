import { assertStreamName, type EventEnvelope, type Timeline } from '@headrace/event-schema';
import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';
import { PAGE_LIMITS } from '../store-settings.ts';
import { indexedEvent, type RawEntry } from './log-entry.ts';
import { slices } from './slices.ts';

/** Pages requested ahead of the reader. */
const PAGES_IN_FLIGHT = 4;

/** A range of a stream. Versions and times are inclusive; absent bounds do not limit. */
export interface ReadStreamOptions {
  readonly fromVersion?: number;
  readonly toVersion?: number;
  /** Only events at or after this time, ms since the epoch. */
  readonly fromMs?: number;
  /** Only events up to this time, ms since the epoch. */
  readonly untilMs?: number;
  /** Which time `fromMs` and `untilMs` refer to, as in `versionAt`. Default `recorded`. */
  readonly timeline?: Timeline;
  /** Default `forwards`. */
  readonly direction?: 'forwards' | 'backwards';
}

export interface StreamPage {
  /** Version of the whole stream, 0 if there is none. */
  readonly version: number;
  readonly events: readonly EventEnvelope[];
}

/** Reads versions `from` to `to`, downwards if `to` is lower, in one script call, so possibly not all of them. */
export async function readStreamPage(
  context: StoreContext,
  stream: string,
  from: number,
  to: number,
): Promise<StreamPage> {
  const { registry, keys } = context;
  const { version, entries } = await rawPage(context, stream, from, to);
  const partition = keys.partitionOf(stream);
  const step = to >= from ? 1 : -1;
  const events = entries.map((entry, i) => indexedEvent(registry, partition, stream, from + i * step, entry));
  return { version, events };
}

interface RawPage {
  readonly version: number;
  readonly entries: readonly RawEntry[];
}

async function rawPage(context: StoreContext, stream: string, from: number, to: number): Promise<RawPage> {
  const { keys, reader } = context;
  const partition = keys.partitionOf(stream);
  const bound =
    to >= from ? Math.min(to, from + PAGE_LIMITS.events - 1) : Math.max(to, from - PAGE_LIMITS.events + 1);
  const reply = await reading(
    runScript(
      reader,
      scripts.readStream,
      [keys.log(partition), keys.stream(stream)],
      [from, bound, PAGE_LIMITS.bytes],
    ),
  );
  const [version, entries] = reply as [number, RawEntry[]];
  return { version, entries };
}

export async function streamVersion(context: StoreContext, stream: string): Promise<number> {
  assertStreamName(stream);
  return await reading(context.reader.llen(context.keys.stream(stream)));
}

/**
 * The stream's version at a time (ms since the epoch), 0 before its first event. `recorded`: the events recorded by then,
 * by Redis's clock. `occurred`: an event counts once it and all events before it in the stream have occurred, since it
 * was decided on their state; the events up to there are read.
 */
export async function versionAt(
  context: StoreContext,
  stream: string,
  ms: number,
  timeline: Timeline = 'recorded',
): Promise<number> {
  assertStreamName(stream);
  if (timeline === 'occurred') return await versionOccurredBy(context, stream, ms);
  return Number(
    await reading(runScript(context.reader, scripts.versionAt, [context.keys.stream(stream)], [ms])),
  );
}

async function versionOccurredBy(context: StoreContext, stream: string, ms: number): Promise<number> {
  let reached = 0;
  for await (const { version, occurredAt } of readStream(context, stream, {})) {
    if (Date.parse(occurredAt) > ms) break;
    reached = version;
  }
  return reached;
}

/**
 * Yields a stream's events from pages that are read ahead, with flat memory for any length of stream. Yields to the event
 * loop in between, so that a long read does not block the process.
 */
export async function* readStream(
  context: StoreContext,
  stream: string,
  options: ReadStreamOptions,
): AsyncGenerator<EventEnvelope> {
  const [low, high] = await versionBounds(context, stream, options);
  if (low > high) return;
  const backwards = options.direction === 'backwards';
  const [first, last] = backwards ? [high, low] : [low, high];
  const { registry, keys } = context;
  const partition = keys.partitionOf(stream);
  const step = backwards ? -1 : 1;
  for await (const { from, entries } of pages(context, stream, first, last)) {
    let version = from;
    for (const entry of entries) {
      // for each event and not for each page: pages that were requested ahead arrive together
      if (slices.isOver) await slices.next();
      yield indexedEvent(registry, partition, stream, version, entry);
      version += step;
    }
  }
}

async function versionBounds(
  context: StoreContext,
  stream: string,
  options: ReadStreamOptions,
): Promise<[number, number]> {
  const end = await streamVersion(context, stream);
  let low = Math.max(1, options.fromVersion ?? 1);
  let high = Math.min(end, options.toVersion ?? end);
  const { fromMs, untilMs, timeline } = options;
  if (fromMs !== undefined) low = Math.max(low, (await versionAt(context, stream, fromMs - 1, timeline)) + 1);
  if (untilMs !== undefined) high = Math.min(high, await versionAt(context, stream, untilMs, timeline));
  return [low, high];
}

/** Entries of the versions from `from` on, or down. */
interface EntriesFrom {
  readonly from: number;
  readonly entries: readonly RawEntry[];
}

async function* pages(
  context: StoreContext,
  stream: string,
  first: number,
  last: number,
): AsyncGenerator<EntriesFrom> {
  const step = last >= first ? 1 : -1;
  const stride = PAGE_LIMITS.events * step;
  const ahead: Promise<EntriesFrom>[] = [];
  let next = first;
  const beyond = (version: number): boolean => (step === 1 ? version > last : version < last);
  const request = (): void => {
    const from = next;
    const end = from + stride - step;
    const to = beyond(end) ? last : end;
    const page = readWhole(context, stream, from, to);
    page.catch(() => undefined);
    ahead.push(page);
    next = to + step;
  };
  while (ahead.length > 0 || !beyond(next)) {
    while (ahead.length < PAGES_IN_FLIGHT && !beyond(next)) request();
    const head = ahead.shift();
    if (head !== undefined) yield await head;
  }
}

/** Reads all of a page's versions, in several calls where they are too large for one. */
async function readWhole(
  context: StoreContext,
  stream: string,
  from: number,
  to: number,
): Promise<EntriesFrom> {
  const step = to >= from ? 1 : -1;
  const all: RawEntry[] = [];
  for (let next = from; (to - next) * step >= 0; ) {
    const { entries } = await rawPage(context, stream, next, to);
    if (entries.length === 0) break;
    all.push(...entries);
    next += entries.length * step;
  }
  return { from, entries: all };
}
