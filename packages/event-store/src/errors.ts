import type { UnreadableReason } from '@headrace/event-schema';

/** What a writer expects of a stream before its append: a version (0: no stream), or a condition. */
export type ExpectedVersion = number | 'no-stream' | 'exists' | 'any';

/** Base of the store's errors: `code` is stable, the message says what was wrong, where, and what to do. */
export abstract class EventStoreError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The stream moved on since it was read (or is, or is not, there). Nothing was appended. */
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

/** An idempotency key that belongs to another request. Nothing was appended. */
export class IdempotencyKeyReusedError extends EventStoreError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';
  /** Where it was used; undefined where only the other request is known to be another. */
  readonly stream: string | undefined;
  constructor(stream?: string) {
    const where = stream === undefined ? '' : ` on stream "${stream}"`;
    super(`this idempotency key was used for another request${where}; use a new key for a new request`);
    this.stream = stream;
  }
}

/** An event from outside that cannot follow on what its stream says, such as a second payment. Nothing was appended. */
export class ContradictsHistoryError extends EventStoreError {
  readonly code = 'CONTRADICTS_HISTORY';
  readonly stream: string;
  readonly eventType: string;
  /** That the event would have had. */
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

/** Others wrote to the stream again and again between the look at it and the append. Nothing was appended; try again. */
export class StreamBusyError extends EventStoreError {
  readonly code = 'STREAM_BUSY';
  readonly stream: string;
  constructor(stream: string) {
    super(`too much is written to stream "${stream}" at once; nothing was appended, try again`);
    this.stream = stream;
  }
}

/** Redis cannot be reached, or is starting or failing over. Nothing was appended; try again. */
export class StoreUnavailableError extends EventStoreError {
  readonly code = 'STORE_UNAVAILABLE';
}

/** Redis is at its memory limit: appends are refused whole until there is room. */
export class StoreOutOfMemoryError extends EventStoreError {
  readonly code = 'STORE_OUT_OF_MEMORY';
  constructor(cause: unknown) {
    super('Redis is at its maxmemory limit; nothing was appended. Raise the limit or archive', { cause });
  }
}

/**
 * The connection broke after the append was sent and the log cannot tell whether it arrived: the events are
 * there once or not at all. Use an expected version or an idempotency key to make such an append repeatable.
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

/** The server does not keep what the declared durability promises. */
export class DurabilityNotGivenError extends EventStoreError {
  readonly code = 'DURABILITY_NOT_GIVEN';
  readonly problems: readonly string[];
  constructor(durability: string, problems: readonly string[]) {
    super(
      `Redis does not give durability "${durability}": ${problems.join('; ')}. Change the server's settings, or declare what it gives (DURABILITY)`,
    );
    this.problems = problems;
  }
}

/** The events are written and numbered, but fewer replicas or disks confirmed them in time than was declared. */
export class DurabilityNotReachedError extends EventStoreError {
  readonly code = 'DURABILITY_NOT_REACHED';
  readonly stream: string;
  readonly version: number;
  readonly wanted: number;
  readonly reached: number;
  constructor(stream: string, version: number, wanted: number, reached: number) {
    super(
      `what was written to "${stream}" (version ${version}) is on the primary, but only ${reached} of ${wanted} confirmations arrived in time`,
    );
    this.stream = stream;
    this.version = version;
    this.wanted = wanted;
    this.reached = reached;
  }
}

/** An append beyond the limits on events. Nothing was appended. */
export class AppendTooLargeError extends EventStoreError {
  readonly code = 'APPEND_TOO_LARGE';
}

/** An append that cannot be understood: no events, a type that is no name, data that is no JSON object. */
export class InvalidAppendError extends EventStoreError {
  readonly code = 'INVALID_APPEND';
}

export class StreamNotFoundError extends EventStoreError {
  readonly code = 'STREAM_NOT_FOUND';
  readonly stream: string;
  constructor(stream: string) {
    super(`there is no stream "${stream}"`);
    this.stream = stream;
  }
}

export class VersionBeyondEndError extends EventStoreError {
  readonly code = 'VERSION_BEYOND_END';
  readonly stream: string;
  readonly version: number;
  readonly current: number;
  constructor(stream: string, version: number, current: number) {
    super(`stream "${stream}" ends at version ${current}; there is no version ${version}`);
    this.stream = stream;
    this.version = version;
    this.current = current;
  }
}

/** Positions run too far ahead of Redis's clock: somebody's clock was or is wrong. Nothing was appended. */
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

/** The partition's index is being rebuilt; writers wait until it is done. */
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

/**
 * The server does not have the log that this process, or its database, knows. Nothing was written: orders would begin
 * anew beside invoices and mails of the old ones.
 */
export class LogChangedError extends EventStoreError {
  readonly code = 'LOG_CHANGED';
  readonly known: string;
  readonly found: string | undefined;
  constructor(metaKey: string, known: string, found: string | undefined) {
    super(
      `the log "${metaKey}" ${found === undefined ? 'is gone' : `is another one (${found})`}: ${known} is known here. Put the old log back, or, where it is lost, begin with the new one: npm run log -- adopt`,
    );
    this.known = known;
    this.found = found;
  }
}

/** Somebody knows another log under this name. Nobody may append until it is decided. */
export class LogDisputedError extends EventStoreError {
  readonly code = 'LOG_DISPUTED';
  constructor(metaKey: string) {
    super(
      `the log "${metaKey}" takes no events: a service whose database knows another log of this name has refused it. Put the old log back, or, where it is lost, begin with this one: npm run log -- adopt`,
    );
  }
}

/** The log was created with another number of partitions or another layout. */
export class LogMismatchError extends EventStoreError {
  readonly code = 'LOG_MISMATCH';
}

/**
 * An event of a registered type that this process cannot interpret stands in the stream, so its state from there
 * on is not known: no state is given out, nothing is decided and no snapshot saved. `unknown-version`: the
 * contracts here are too old; `malformed`: what is stored is damaged.
 */
export class UnreadableEventError extends EventStoreError {
  readonly code = 'UNREADABLE_EVENT';
  readonly stream: string;
  readonly version: number;
  readonly eventType: string;
  readonly reason: StateGapReason;
  constructor(stream: string, version: number, eventType: string, reason: StateGapReason) {
    super(
      `version ${version} of stream "${stream}", a ${eventType}, cannot be read (${reason}), so the state after it is not known; ${REMEDIES[reason]}`,
    );
    this.stream = stream;
    this.version = version;
    this.eventType = eventType;
    this.reason = reason;
  }
}

/** Why a state would have a gap: an event of an unregistered type leaves none. */
type StateGapReason = Exclude<UnreadableReason, 'unknown-type'>;

const REMEDIES: Readonly<Record<StateGapReason, string>> = {
  'unknown-version': 'deploy a release whose contracts know this version of it',
  malformed: 'what is stored there is damaged: look at the entry with XRANGE',
};

/** The index names an event that the log does not hold. */
export class IndexBrokenError extends EventStoreError {
  readonly code = 'INDEX_BROKEN';
  readonly stream: string;
  constructor(stream: string, entryId: string) {
    super(
      `the index of stream "${stream}" names entry ${entryId}, which the log does not hold; run verify and index rebuild`,
    );
    this.stream = stream;
  }
}
