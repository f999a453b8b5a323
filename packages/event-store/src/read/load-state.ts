import {
  assertFoldCategory,
  assertStreamName,
  type DomainEvent,
  type EventEnvelope,
  type Fold,
} from '@headrace/event-schema';
import { parseReceipt, type Receipt } from '../append/idempotency.ts';
import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';
import { saveSnapshot } from '../snapshots/snapshots.ts';
import { PAGE_LIMITS } from '../store-settings.ts';
import { indexedEvent, type RawEntry } from './log-entry.ts';
import { UnreadableEventError, VersionBeyondEndError } from './read-errors.ts';
import { readStream } from './read-stream.ts';
import { slices } from './slices.ts';

export interface LoadOptions {
  /** Fold up to this version; 0 gives the initial state. Default: the end. */
  readonly version?: number;
  /**
   * Also give the fold the events of types that no contract describes, as they are stored. Such a fold needs a
   * version that no other fold of the stream has: snapshots are told apart by nothing else. Default false.
   */
  readonly unregistered?: boolean;
}

export interface Loaded<State> {
  readonly state: State;
  /** Version of `state`, 0 if there is no stream. */
  readonly version: number;
}

interface FirstPage {
  readonly receipt: Receipt | undefined;
  /** Version of the stream. */
  readonly end: number;
  readonly snapshotVersion: number;
  readonly snapshotState: string;
  readonly events: readonly EventEnvelope[];
}

/**
 * Folds a stream from its newest usable snapshot; saves a new one in the background after replaying many events, also
 * for a version in the past.
 * @throws VersionBeyondEndError when `version` is not there yet; UnreadableEventError when an event up to there
 *   cannot be interpreted; InvalidCategoryError for a fold of a category that no stream can have
 */
export async function load<State, Event extends DomainEvent>(
  context: StoreContext,
  fold: Fold<State, Event>,
  stream: string,
  options: LoadOptions,
): Promise<Loaded<State>> {
  assertFoldCategory(fold);
  const { version, unregistered = false } = options;
  if (version !== undefined && version <= 0) return { state: fold.initialState, version: 0 };
  const first = await firstPage(context, fold.foldVersion, stream, version ?? 0, undefined);
  return await foldFrom(context, fold, stream, first, { upTo: version, unregistered });
}

export interface LoadedForDecision<State> extends Loaded<State> {
  /** What an earlier request under the same key did; `state` is then the one that it led to. */
  readonly receipt: Receipt | undefined;
}

/** As `load`, and looks the idempotency key up in the same round trip. */
export async function loadForDecision<State, Event extends DomainEvent>(
  context: StoreContext,
  fold: Fold<State, Event>,
  stream: string,
  idempotencyScope: readonly string[] | undefined,
): Promise<LoadedForDecision<State>> {
  const first = await firstPage(context, fold.foldVersion, stream, 0, idempotencyScope);
  if (first.receipt === undefined)
    return { receipt: undefined, ...(await foldFrom(context, fold, stream, first, {})) };
  const then = await load(context, fold, stream, { version: first.receipt.version });
  return { receipt: first.receipt, ...then };
}

async function firstPage(
  context: StoreContext,
  foldVersion: number | '',
  stream: string,
  upTo: number,
  idempotencyScope: readonly string[] | undefined,
): Promise<FirstPage> {
  assertStreamName(stream);
  const { keys, registry, reader } = context;
  const partition = keys.partitionOf(stream);
  const reply = await reading(
    runScript(
      reader,
      scripts.loadStream,
      [
        keys.log(partition),
        keys.stream(stream),
        keys.snapshots(stream),
        idempotencyScope === undefined ? keys.hold(partition) : keys.idempotency(stream, idempotencyScope),
      ],
      [foldVersion, upTo, PAGE_LIMITS.events, PAGE_LIMITS.bytes, idempotencyScope === undefined ? '0' : '1'],
    ),
  );
  const [receipt, end, snapshotVersion, snapshotState, entries] = reply as [
    string,
    number,
    number,
    string,
    RawEntry[],
  ];
  return {
    receipt: receipt === '' ? undefined : parseReceipt(receipt),
    end,
    snapshotVersion,
    snapshotState,
    events: entries.map((entry, i) =>
      indexedEvent(registry, partition, stream, snapshotVersion + i + 1, entry),
    ),
  };
}

interface FoldBounds {
  readonly upTo?: number | undefined;
  readonly unregistered?: boolean;
}

async function foldFrom<State, Event extends DomainEvent>(
  context: StoreContext,
  fold: Fold<State, Event>,
  stream: string,
  first: FirstPage,
  bounds: FoldBounds,
): Promise<Loaded<State>> {
  const { upTo, unregistered = false } = bounds;
  if (upTo !== undefined && upTo > first.end) throw new VersionBeyondEndError(stream, upTo, first.end);
  const start = startingState(fold, first);
  if (start === undefined) {
    const whole = await firstPage(context, '', stream, upTo ?? 0, undefined);
    return await foldFrom(context, fold, stream, whole, bounds);
  }
  let { state } = await foldPage(fold, start.state, first.events, unregistered);
  let version = first.snapshotVersion + first.events.length;
  const last = upTo ?? first.end;
  if (version < last) {
    for await (const event of readStream(context, stream, { fromVersion: version + 1, toVersion: last })) {
      state = evolveWith(fold, state, event, unregistered);
      version = event.version;
    }
  }
  const replayed = version - first.snapshotVersion;
  if (version >= last && replayed > context.settings.snapshotEvery) {
    const snapshot = { version, foldVersion: fold.foldVersion, state };
    saveSnapshot(context, stream, snapshot).catch(context.settings.onBackgroundError);
  }
  return { state, version };
}

async function foldPage<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  start: State,
  events: readonly EventEnvelope[],
  unregistered: boolean,
): Promise<{ readonly state: State }> {
  let state = start;
  for (const event of events) {
    if (slices.isOver) await slices.next();
    state = evolveWith(fold, state, event, unregistered);
  }
  return { state };
}

/** Undefined if the snapshot is damaged, which must not make its stream unreadable. */
function startingState<State>(
  fold: Pick<Fold<State, never>, 'initialState'>,
  first: FirstPage,
): { readonly state: State } | undefined {
  if (first.snapshotVersion === 0) return { state: fold.initialState };
  try {
    return { state: JSON.parse(first.snapshotState) as State };
  } catch {
    return undefined;
  }
}

/**
 * Applies one event; one of an unregistered type leaves the state as it is, unless `unregistered` is true.
 * @throws UnreadableEventError for one of a registered type that the contracts cannot interpret
 */
function evolveWith<State, Event extends DomainEvent>(
  fold: Fold<State, Event>,
  state: State,
  event: EventEnvelope,
  unregistered = false,
): State {
  const { unreadable } = event;
  // no rule can depend on a type without a contract
  if (unreadable === 'unknown-type' && !unregistered) return state;
  // a state that lacks an event looks like any other: decisions and snapshots made of it would be silently wrong
  if (unreadable !== undefined && unreadable !== 'unknown-type')
    throw new UnreadableEventError(event.stream, event.version, event.type, unreadable);
  return fold.evolve(state, event as unknown as Event, event);
}
