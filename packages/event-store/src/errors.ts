/** Base of the store's errors. `code` is stable; the message says what was wrong, where, and what to do. */
export abstract class EventStoreError extends Error {
  abstract readonly code: string;
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Redis cannot be reached, or is starting or failing over. Nothing was appended; try again. */
export class StoreUnavailableError extends EventStoreError {
  readonly code = 'STORE_UNAVAILABLE';
}

/** Redis is at its memory limit: appends are refused until there is room. */
export class StoreOutOfMemoryError extends EventStoreError {
  readonly code = 'STORE_OUT_OF_MEMORY';
  constructor(cause: unknown) {
    super('Redis is at its maxmemory limit; nothing was appended. Raise the limit or archive', { cause });
  }
}

/** The server's settings do not give the declared durability. */
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

/** The events are written, but fewer replicas or disks than declared confirmed them in time. */
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

/**
 * The server does not have the log that this process, or its database, knows. Nothing was written: new streams would not
 * fit the data that was derived from the old ones.
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

/** Another service knows another log of this name. All appends are refused until an operator decides. */
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
