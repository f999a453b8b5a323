import type {
  Decider,
  DomainEvent,
  EventEnvelope,
  EventIn,
  EventMap,
  EventRegistry,
  Fold,
  Timeline,
} from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import type { AppendStats } from './append/append-meter.ts';
import type { AppendOptions } from './append/append-options.ts';
import type { AppendResult } from './append/append-result.ts';
import type { IdempotentRequest } from './append/idempotency.ts';
import type { NewEventOf } from './append/new-events.ts';
import type { CommandStatus, DurableCommand, SentCommand } from './commands/command-queue.ts';
import type { CommandRecord } from './commands/command-record.ts';
import type { KnownLog } from './connection/log-identity.ts';
import type { HandleOptions, HandleResult } from './handle.ts';
import type { StoreKeys } from './keys.ts';
import type { ImportReport } from './maintenance/import-events.ts';
import type { RebuildReport } from './maintenance/rebuild-index.ts';
import type { VerifyReport } from './maintenance/verify-partition.ts';
import type { Loaded, LoadOptions } from './read/load-state.ts';
import type { ReadLogOptions, ReadPartitionOptions } from './read/read-log.ts';
import type { ReadStreamOptions } from './read/read-stream.ts';
import type { ServerStatus } from './read/server-status.ts';
import type { StoreTotals } from './read/store-totals.ts';
import type { Snapshot } from './snapshots/snapshots.ts';

/**
 * The store client. Safe for concurrent use; reads of one stream see every append that was answered before. `Events` are
 * those of its registry: the compiler checks what is appended against them. Every store is assignable to a plain
 * `EventStore`, which takes any event and leaves all checks to run time.
 */
export interface EventStore<out Events extends EventMap = EventMap> {
  readonly partitions: number;
  readonly registry: EventRegistry<Events>;
  readonly keys: StoreKeys;
  /**
   * For the consumer runtime: a connection for commands that may safely be repeated and do not block (it is cut
   * when answers are due for `commandTimeoutMs`). Closed by the store.
   */
  readonly redis: Redis;
  /**
   * Waits for the connections and agrees with Redis on the log, creating it on first use. Until this has
   * succeeded writes are refused (StoreUnavailableError), and reads work. May be called again after a failure;
   * closes nothing.
   * @throws StoreUnavailableError within a few seconds, LogMismatchError, DurabilityNotGivenError,
   *   StoreOutOfMemoryError where a new log finds no room
   */
  open(): Promise<void>;
  /** Id of the log, made when it was created; undefined before `open`. */
  logId(): string | undefined;
  /**
   * Checks that the log is the one that a database knows, or one that replaces it; returns its id.
   * @throws LogChangedError
   */
  requireKnownLog(known: KnownLog): Promise<string>;
  /** Declares that this log replaces those of its name that were known and are missing; returns their ids. */
  adoptLog(): Promise<readonly string[]>;
  append<Type extends keyof Events & string>(
    stream: string,
    events: readonly NewEventOf<Events, Type>[],
    options?: AppendOptions,
  ): Promise<AppendResult>;
  /**
   * Checks an append without Redis, so that one that can never succeed does not bind a key.
   * @throws what `append` throws for the arguments alone, independent of the stream
   */
  assertAppendable<Type extends keyof Events & string>(
    stream: string,
    events: readonly NewEventOf<Events, Type>[],
    options?: AppendOptions,
  ): void;
  /**
   * As `append`, for events from outside that no decider has produced: refuses those that contradict their stream's
   * history.
   * @throws what `append` throws, ContradictsHistoryError
   */
  appendChecked<Type extends keyof Events & string>(
    stream: string,
    events: readonly NewEventOf<Events, Type>[],
    options?: AppendOptions,
  ): Promise<AppendResult>;
  handle<Command, State, Event extends EventIn<Events>>(
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
   * Version of the stream at a time, ms since the epoch: the events recorded by then, by Redis's clock, or those that
   * had `occurred` by then, in business time. Where business time goes back within a stream, an event counts from the
   * latest time of it and those before it, so that the result is always a prefix of the stream. Default `recorded`.
   */
  versionAt(stream: string, ms: number, timeline?: Timeline): Promise<number>;
  readLog(options?: ReadLogOptions): AsyncIterable<EventEnvelope>;
  readPartition(partition: number, options?: ReadPartitionOptions): AsyncIterable<EventEnvelope>;
  /** The event at a position, null where there is none. @throws InvalidPositionError */
  readEvent(position: string): Promise<EventEnvelope | null>;
  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void>;
  listSnapshots(stream: string): Promise<readonly Snapshot[]>;
  /**
   * Runs `work` if the key stands for this request in the whole log, and binds a new key to it: for keys that clients
   * choose. `work` appends or sends under the same key. Without a request, just runs it.
   */
  underKey<T>(request: IdempotentRequest | undefined, work: () => Promise<T>): Promise<T>;
  sendCommand(command: DurableCommand): Promise<SentCommand>;
  /** An id for a new command on a stream; under an idempotency key always the same. */
  newCommandId(stream: string, idempotency?: IdempotentRequest): string;
  recordCommand(record: CommandRecord): Promise<void>;
  commandStatus(commandId: string): Promise<CommandStatus | null>;
  totals(): Promise<StoreTotals>;
  /** Counts of appends since this store client was created; for metrics. */
  appendStats(): AppendStats;
  /** Memory, disk and clock of the server; for metrics. @throws StoreUnavailableError */
  serverStatus(): Promise<ServerStatus>;
  rebuildIndex(partition: number): Promise<RebuildReport>;
  verify(partition: number): Promise<VerifyReport>;
  importEvents(lines: AsyncIterable<string>, importId: string): Promise<ImportReport>;
  /** For readiness checks: whether the store is open, and Redis answers, is as durable as declared and has the right log. */
  check(): Promise<void>;
  /** Closes every connection at once; requests in flight fail. */
  close(): Promise<void>;
}
