/** For handlers: the failure passes by itself and has nothing to do with the event, which is tried again without end. */
export class TransientError extends Error {
  readonly code = 'TRANSIENT';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientError';
  }
}

/**
 * For handlers: this event can never be handled, and nothing else is to blame. It is parked at once, and never counts
 * as a sign of an outage.
 */
export class PoisonError extends Error {
  readonly code: string = 'POISON';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PoisonError';
  }
}

/** The lease is lost, or the checkpoint was moved by another owner: whatever is in flight must be dropped. */
export class FencedError extends Error {
  readonly code = 'FENCED';
  constructor(what: string) {
    super(`${what}: another instance has taken the partition over`);
    this.name = 'FencedError';
  }
}

/** The log no longer holds what the checkpoint says was handled, or the database has lost it. */
export class DivergedError extends Error {
  readonly code = 'DIVERGED';
  constructor(reason: string) {
    super(reason);
    this.name = 'DivergedError';
  }
}
