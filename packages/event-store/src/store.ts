import type {
  Decider,
  DomainEvent,
  EventEnvelope,
  EventRegistry,
  Fold,
  Timeline,
} from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import { append, assertAppendable } from './append/append.ts';
import { appendChecked } from './append/append-checked.ts';
import type { AppendOptions } from './append/attempt.ts';
import type { NewEvent } from './append/events.ts';
import { createGroupCommit } from './append/group-commit.ts';
import type { IdempotentRequest } from './append/idempotency.ts';
import { AppendMeter, type AppendStats } from './append/meter.ts';
import type { AppendResult } from './append/result.ts';
import { underKey } from './claims/under-key.ts';
import {
  type CommandStatus,
  commandStatus,
  type DurableCommand,
  type SentCommand,
  sendCommand,
} from './commands/queue.ts';
import { type CommandRecord, newCommandId, recordCommand } from './commands/record.ts';
import { createAppendConnections } from './connection/append-connections.ts';
import { createReader } from './connection/clients.ts';
import { createLogIdentity, type KnownLog } from './connection/log-identity.ts';
import { requireOpen, type StoreContext } from './context.ts';
import { type HandleOptions, type HandleResult, handle } from './handle.ts';
import { createKeys, type StoreKeys } from './keys.ts';
import { adoptLog, agreeOnLog, requireKnownLog, requireUndisputed } from './log-meta.ts';
import { type ImportReport, importEvents } from './maintenance/import.ts';
import { type RebuildReport, rebuildIndex } from './maintenance/rebuild-index.ts';
import { type VerifyReport, verifyPartition } from './maintenance/verify.ts';
import { type Loaded, type LoadOptions, load } from './read/load.ts';
import {
  type ReadLogOptions,
  type ReadPartitionOptions,
  readEvent,
  readLog,
  readPartition,
} from './read/log.ts';
import { type ServerStatus, serverStatus } from './read/server-status.ts';
import { type ReadStreamOptions, readStream, streamVersion, versionAt } from './read/stream.ts';
import { type StoreTotals, totals } from './read/totals.ts';
import { completeSettings, type EventStoreOptions } from './settings.ts';
import { listSnapshots, type Snapshot, saveSnapshot } from './snapshots/snapshots.ts';
import { Turns } from './turns.ts';

/** A command behind a slow one on its stream waits this long before it goes ahead. */
const LONGEST_TURN_WAIT_MS = 2_000;

/** The store client. Safe for concurrent use; reads of one stream see every append that was answered before. */
export interface EventStore {
  readonly partitions: number;
  readonly registry: EventRegistry;
  readonly keys: StoreKeys;
  /**
   * For the consumer runtime: a connection for commands that may safely be repeated and do not block (it is cut
   * when answers are due for `commandTimeoutMs`). Closed by the store.
   */
  readonly redis: Redis;
  /**
   * Waits for the connections and agrees with Redis on the log, creating it on first use. Until this has
   * succeeded nothing is written (StoreUnavailableError), and reads see whatever is there. May be called again
   * after a failure; closes nothing.
   * @throws StoreUnavailableError within a few seconds, LogMismatchError, DurabilityNotGivenError,
   *   StoreOutOfMemoryError where a new log finds no room
   */
  open(): Promise<void>;
  /** Id of the log, made when it was created; undefined before `open`. */
  logId(): string | undefined;
  /** Makes sure that the log is the one that somebody knows, or stands in its place. @throws LogChangedError */
  requireKnownLog(known: KnownLog): Promise<string>;
  /** Puts this log in the place of those of its name that somebody knows and misses; returns their ids. */
  adoptLog(): Promise<readonly string[]>;
  append(stream: string, events: readonly NewEvent[], options?: AppendOptions): Promise<AppendResult>;
  /**
   * Looks whether an append could be done at all, without Redis: one that could not must not bind a key.
   * @throws what `append` throws about what was asked for, whatever the stream is like
   */
  assertAppendable(stream: string, events: readonly NewEvent[], options?: AppendOptions): void;
  /**
   * As `append`, for events that come from outside, on which no decider has decided: refuses those that cannot follow on
   * what their stream says.
   * @throws what `append` throws, ContradictsHistoryError
   */
  appendChecked(stream: string, events: readonly NewEvent[], options?: AppendOptions): Promise<AppendResult>;
  handle<Command, State, Event extends DomainEvent>(
    decider: Decider<Command, State, Event>,
    stream: string,
    command: Command,
    options?: HandleOptions,
  ): Promise<HandleResult<State>>;
  load<State, Event extends DomainEvent>(
    fold: Fold<State, Event>,
    stream: string,
    options?: LoadOptions,
  ): Promise<Loaded<State>>;
  readStream(stream: string, options?: ReadStreamOptions): AsyncIterable<EventEnvelope>;
  /** Number of the stream's events, 0 where there is none. */
  streamVersion(stream: string): Promise<number>;
  /**
   * Version of the stream at a moment, ms since the epoch: what had been recorded by then, by Redis's clock, or what
   * had `occurred` by then, in business time. In a stream whose business time goes back, an event counts from the
   * latest time up to it, so that what counts is always a beginning of the stream. Default `recorded`.
   */
  versionAt(stream: string, ms: number, timeline?: Timeline): Promise<number>;
  readLog(options?: ReadLogOptions): AsyncIterable<EventEnvelope>;
  readPartition(partition: number, options?: ReadPartitionOptions): AsyncIterable<EventEnvelope>;
  /** The event at a position, null where there is none. @throws InvalidPositionError */
  readEvent(position: string): Promise<EventEnvelope | null>;
  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void>;
  listSnapshots(stream: string): Promise<readonly Snapshot[]>;
  /**
   * Does `work` if the key stands for this request and no other in the whole log, and binds it to this one where it is
   * new: for keys that somebody else chooses. `work` appends or sends under the same key. Without a request: does it.
   */
  underKey<T>(request: IdempotentRequest | undefined, work: () => Promise<T>): Promise<T>;
  sendCommand(command: DurableCommand): Promise<SentCommand>;
  /** An id for a command that is not there yet; under an idempotency key always the same. */
  newCommandId(stream: string, idempotency?: IdempotentRequest): string;
  recordCommand(record: CommandRecord): Promise<void>;
  commandStatus(commandId: string): Promise<CommandStatus | null>;
  totals(): Promise<StoreTotals>;
  /** What this store has appended since it was created; for metrics. */
  appendStats(): AppendStats;
  /** How the server is; for metrics. @throws StoreUnavailableError */
  serverStatus(): Promise<ServerStatus>;
  rebuildIndex(partition: number): Promise<RebuildReport>;
  verify(partition: number): Promise<VerifyReport>;
  importEvents(lines: AsyncIterable<string>, importId: string): Promise<ImportReport>;
  /** Resolves when the store is open, and Redis answers, gives the declared durability and has the right log; for readiness checks. */
  check(): Promise<void>;
  /** Closes every connection at once; what is in flight fails. */
  close(): Promise<void>;
}

/**
 * A store that connects in the background, so that it can be handed around before Redis is there; `open` it
 * before anything is written, and close it in the end, opened or not.
 * @throws RangeError for an option outside its bounds
 */
export function createEventStore(options: EventStoreOptions): EventStore {
  const settings = completeSettings(options);
  const closing = new AbortController();
  let opened = false;
  const keys = createKeys(settings.prefix, settings.partitions);
  const identity = createLogIdentity(keys);
  const appends = createAppendConnections(settings, identity);
  const context: StoreContext = {
    settings,
    closing: closing.signal,
    turns: new Turns(LONGEST_TURN_WAIT_MS),
    checked: new Map(),
    keys,
    registry: settings.registry,
    reader: createReader(settings),
    appends,
    identity,
    groupCommit: createGroupCommit(appends, keys, identity),
    meter: new AppendMeter(),
    isOpen: () => opened,
  };
  const open = async (): Promise<void> => {
    await context.appends.opened();
    await agreeOnLog(context);
    opened = true;
  };
  return storeOn(context, open, () => closing.abort());
}

/** `createEventStore` and `open` in one; when opening fails, all connections are closed. */
export async function openEventStore(options: EventStoreOptions): Promise<EventStore> {
  const store = createEventStore(options);
  try {
    await store.open();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function storeOn(context: StoreContext, open: () => Promise<void>, announceClose: () => void): EventStore {
  const { reader, appends, keys, registry } = context;
  return {
    partitions: keys.partitions,
    registry,
    keys,
    redis: reader,
    open,
    logId: context.identity.id,
    requireKnownLog: (known) => requireKnownLog(context, known),
    adoptLog: () => adoptLog(context),
    append: (stream, events, options = {}) => append(context, stream, events, options),
    assertAppendable: (stream, events, options = {}) => assertAppendable(context, stream, events, options),
    appendChecked: (stream, events, options = {}) => appendChecked(context, stream, events, options),
    handle: (decider, stream, command, options = {}) => handle(context, decider, stream, command, options),
    load: (fold, stream, options = {}) => load(context, fold, stream, options),
    readStream: (stream, options = {}) => readStream(context, stream, options),
    streamVersion: (stream) => streamVersion(context, stream),
    versionAt: (stream, ms, timeline) => versionAt(context, stream, ms, timeline),
    readLog: (options = {}) => readLog(context, options),
    readPartition: (partition, options = {}) => readPartition(context, partition, options),
    readEvent: (position) => readEvent(context, position),
    saveSnapshot: (stream, snapshot) => saveSnapshot(context, stream, snapshot),
    listSnapshots: (stream) => listSnapshots(context, stream),
    underKey: (request, work) => underKey(context, request, work),
    sendCommand: (command) => sendCommand(context, command),
    newCommandId: (stream, idempotency) => newCommandId(keys, stream, idempotency),
    recordCommand: (record) => recordCommand(context, record),
    commandStatus: (commandId) => commandStatus(context, commandId),
    totals: () => totals(context),
    appendStats: () => context.meter.stats(),
    serverStatus: () => serverStatus(context),
    rebuildIndex: (partition) => rebuildIndex(context, partition),
    verify: (partition) => verifyPartition(context, partition),
    importEvents: (lines, importId) => importEvents(context, lines, importId),
    check: async () => {
      requireOpen(context);
      await appends.recheck();
      await requireUndisputed(context);
    },
    close: async () => {
      announceClose();
      reader.disconnect();
      appends.close();
    },
  };
}
