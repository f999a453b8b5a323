export {
  AppendOutcomeUnknownError,
  AppendTooLargeError,
  ClockAheadError,
  ContradictsHistoryError,
  IdempotencyKeyReusedError,
  InvalidAppendError,
  InvalidDecisionError,
  PartitionHeldError,
  StreamBusyError,
  WrongExpectedVersionError,
} from './append/append-errors.ts';
export type { AppendOutcome, AppendStats } from './append/append-meter.ts';
export type { AppendContext, AppendOptions, ExpectedVersion } from './append/append-options.ts';
export type { AppendResult } from './append/append-result.ts';
export type { IdempotentRequest } from './append/idempotency.ts';
export { deterministicId } from './append/idempotency.ts';
export type { NewEvent, NewEventOf } from './append/new-events.ts';
export type {
  CommandMeta,
  CommandStatus,
  CommandStatusName,
  DurableCommand,
  SentCommand,
} from './commands/command-queue.ts';
export { COMMAND_KEPT_S } from './commands/command-queue.ts';
export type { CommandRecord } from './commands/command-record.ts';
export type { TransientFailure } from './connection/transient-failures.ts';
export { transientFailureOf, withCauses } from './connection/transient-failures.ts';
export { createEventStore, openEventStore } from './create-event-store.ts';
export {
  DurabilityNotGivenError,
  DurabilityNotReachedError,
  EventStoreError,
  LogChangedError,
  LogDisputedError,
  LogMismatchError,
  StoreOutOfMemoryError,
  StoreUnavailableError,
} from './errors.ts';
export type { EventStore } from './event-store.ts';
export type { HandleOptions, HandleResult } from './handle.ts';
export type { StoreKeys } from './keys.ts';
export type { ImportReport } from './maintenance/import-events.ts';
export { ImportError } from './maintenance/import-events.ts';
export type { RebuildReport } from './maintenance/rebuild-index.ts';
export type { VerifyReport } from './maintenance/verify-partition.ts';
export { partitionOf } from './partitions.ts';
export { lastEntry, lastEntryId } from './read/last-entry.ts';
export type { Loaded, LoadOptions } from './read/load-state.ts';
export type { RawEntry } from './read/log-entry.ts';
export { readEntries, storedEvent } from './read/log-entry.ts';
export {
  IndexBrokenError,
  StreamNotFoundError,
  UnreadableEventError,
  VersionBeyondEndError,
} from './read/read-errors.ts';
export type { LogFilter, ReadLogOptions, ReadPartitionOptions } from './read/read-log.ts';
export type { ReadStreamOptions } from './read/read-stream.ts';
export type { ServerStatus } from './read/server-status.ts';
export type { StoreTotals } from './read/store-totals.ts';
export type { Script } from './scripts/script.ts';
export { loadScript, runScript } from './scripts/script.ts';
export type { Snapshot } from './snapshots/snapshots.ts';
export type { Durability, EventStoreOptions } from './store-settings.ts';
export { PAGE_LIMITS } from './store-settings.ts';
export type { SpanShape } from './tracing/spans.ts';
export {
  currentTrace,
  inSpan,
  isTracing,
  markFailed,
  remoteTrace,
  startSpan,
} from './tracing/spans.ts';
export { DeadlineExceededError, within } from './within.ts';
