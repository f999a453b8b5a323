export type { AppendContext, AppendOptions } from './append/attempt.ts';
export type { NewEvent, NewEventOf } from './append/events.ts';
export type { IdempotentRequest } from './append/idempotency.ts';
export { deterministicId } from './append/idempotency.ts';
export type { AppendOutcome, AppendStats } from './append/meter.ts';
export type { AppendResult } from './append/result.ts';
export type {
  CommandMeta,
  CommandStatus,
  CommandStatusName,
  DurableCommand,
  SentCommand,
} from './commands/queue.ts';
export { COMMAND_KEPT_S } from './commands/queue.ts';
export type { CommandRecord } from './commands/record.ts';
export { createEventStore, openEventStore } from './create-event-store.ts';
export type { ExpectedVersion } from './errors.ts';
export {
  AppendOutcomeUnknownError,
  AppendTooLargeError,
  ClockAheadError,
  ContradictsHistoryError,
  DurabilityNotGivenError,
  DurabilityNotReachedError,
  EventStoreError,
  IdempotencyKeyReusedError,
  IndexBrokenError,
  InvalidAppendError,
  LogChangedError,
  LogDisputedError,
  LogMismatchError,
  PartitionHeldError,
  StoreOutOfMemoryError,
  StoreUnavailableError,
  StreamBusyError,
  StreamNotFoundError,
  UnreadableEventError,
  VersionBeyondEndError,
  WrongExpectedVersionError,
} from './errors.ts';
export type { EventStore } from './event-store.ts';
export type { HandleOptions, HandleResult } from './handle.ts';
export type { StoreKeys } from './keys.ts';
export type { ImportReport } from './maintenance/import.ts';
export { ImportError } from './maintenance/import.ts';
export type { RebuildReport } from './maintenance/rebuild-index.ts';
export type { VerifyReport } from './maintenance/verify.ts';
export { partitionOf, partitionTags } from './partitions.ts';
export type { RawEntry } from './read/entry.ts';
export { readEntries, storedEvent } from './read/entry.ts';
export type { Loaded, LoadOptions } from './read/load.ts';
export { evolveWith } from './read/load.ts';
export type { LogFilter, ReadLogOptions, ReadPartitionOptions } from './read/log.ts';
export type { ServerStatus } from './read/server-status.ts';
export type { ReadStreamOptions } from './read/stream.ts';
export type { StoreTotals } from './read/totals.ts';
export type { Script } from './scripts/script.ts';
export { loadScript, runScript } from './scripts/script.ts';
export type { Durability, EventStoreOptions } from './settings.ts';
export { APPEND_LIMITS, PAGE_LIMITS } from './settings.ts';
export type { Snapshot } from './snapshots/snapshots.ts';
export type { SpanShape } from './tracing/spans.ts';
export {
  currentTrace,
  inSpan,
  isTracing,
  markFailed,
  remoteTrace,
  startSpan,
  traceparentOf,
} from './tracing/spans.ts';
