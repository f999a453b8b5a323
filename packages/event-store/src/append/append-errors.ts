import { EventStoreError } from '../errors.ts';
import type { ExpectedVersion } from './append-options.ts';

/** The stream is not at the expected version, or exists or not against expectation. Nothing was appended. */
export class WrongExpectedVersionError extends EventStoreError {
  readonly code = 'WRONG_EXPECTED_VERSION';
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly actual: number;
  constructor(stream: string, expected: ExpectedVersion, actual: number) {
    super(
      `stream "${stream}" is at version ${actual}, not at the expected ${expected}; read it again and decide anew`,
    );
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/** The idempotency key was used for another request. Nothing was appended. */
export class IdempotencyKeyReusedError extends EventStoreError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  /** Where it was used, if known. */
  readonly stream: string | undefined;
  constructor(stream?: string) {
    const where = stream === undefined ? '' : ` on stream "${stream}"`;
    super(`this idempotency key was used for another request${where}; use a new key for a new request`);
    this.stream = stream;
  }
}

/** An event from outside that contradicts its stream's history, such as a second payment. Nothing was appended. */
export class ContradictsHistoryError extends EventStoreError {
  readonly code = 'CONTRADICTS_HISTORY';
  readonly stream: string;
  readonly eventType: string;
  /** The version that the event would have had. */
  readonly version: number;
  constructor(stream: string, eventType: string, version: number, why: string) {
    super(
      `${eventType} cannot be version ${version} of "${stream}": ${why}. Read the stream, and append what can follow`,
    );
    this.stream = stream;
    this.eventType = eventType;
    this.version = version;
  }
}

/** A decider decided on an event that its own contract forbids: a fault of the program, not of who asked. */
export class InvalidDecisionError extends EventStoreError {
  readonly code = 'INVALID_DECISION';
  readonly stream: string;
  constructor(stream: string, cause: Error) {
    super(`the decision on "${stream}" was not appended, since ${cause.message}; mend the decider`, {
      cause,
    });
    this.stream = stream;
  }
}

/** Other writers overtook every attempt to check and append. Nothing was appended; try again. */
export class StreamBusyError extends EventStoreError {
  readonly code = 'STREAM_BUSY';
  readonly stream: string;
  constructor(stream: string) {
    super(`too much is written to stream "${stream}" at once; nothing was appended, try again`);
    this.stream = stream;
  }
}

/**
 * The connection broke after the append was sent, and the log cannot tell whether it arrived: the events are
 * stored once or not at all. Use an expected version or an idempotency key to make such an append repeatable.
 */
export class AppendOutcomeUnknownError extends EventStoreError {
  readonly code = 'APPEND_OUTCOME_UNKNOWN';
  readonly stream: string;
  readonly commandId: string;
  constructor(stream: string, commandId: string, cause: unknown) {
    super(
      `the connection broke while appending to "${stream}"; look for events with commandId ${commandId} before trying again`,
      { cause },
    );
    this.stream = stream;
    this.commandId = commandId;
  }
}

/** An append beyond the limits on events. Nothing was appended. */
export class AppendTooLargeError extends EventStoreError {
  readonly code = 'APPEND_TOO_LARGE';
}

/** A malformed append: no events, an invalid type name, data that is no JSON object. */
export class InvalidAppendError extends EventStoreError {
  readonly code = 'INVALID_APPEND';
}

/** Positions are too far ahead of Redis's clock: a clock was or is wrong. Nothing was appended. */
export class ClockAheadError extends EventStoreError {
  readonly code = 'CLOCK_AHEAD';
  readonly aheadMs: number;
  constructor(aheadMs: number) {
    super(
      `the log runs ${aheadMs} ms ahead of Redis's clock; mend the clock, or wait until it has caught up`,
    );
    this.aheadMs = aheadMs;
  }
}

/** The partition's index is being rebuilt; it takes no events until that is done. */
export class PartitionHeldError extends EventStoreError {
  readonly code = 'PARTITION_HELD';
  readonly partition: number;
  constructor(partition: number) {
    super(
      `partition ${partition} takes no events while its index is rebuilt; if a rebuild died, run it again`,
    );
    this.partition = partition;
  }
}
