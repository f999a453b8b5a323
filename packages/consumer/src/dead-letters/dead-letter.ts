import type { EventEnvelope } from '@headrace/event-schema';

export interface DeadLetter {
  readonly group: string;
  readonly partition: number;
  readonly stream: string;
  /** Position of the parked event. */
  readonly eventId: string;
  /**
   * `poison`: its own handling failed; `unreadable`: contracts too old; `deferred`: its handling failed for a reason
   * that may pass, and is tried again by itself; `blocked`: waits behind an earlier one.
   */
  readonly cause: 'poison' | 'unreadable' | 'deferred' | 'blocked';
  readonly error: string | null;
  /** Of the error, at most 4,000 characters; null where it has none, and for what waits behind another event. */
  readonly stack: string | null;
  readonly attempts: number;
  readonly instance: string;
  /** ISO 8601. */
  readonly parkedAt: string;
  /** When a deferred one is tried again, ISO 8601; null for the others. */
  readonly retryAt: string | null;
  /** The event, upcast now; null when the log no longer holds it. */
  readonly event: EventEnvelope | null;
}

export interface DeadLetterQuery {
  readonly limit: number;
  /** The last letter already seen, which need not be parked any more; absent: from the first on. */
  readonly after?: Pick<DeadLetter, 'stream' | 'eventId'>;
}

export interface DeadLetterPage {
  /** At most as many as asked for, and fewer where their events are large. */
  readonly letters: readonly DeadLetter[];
  /** Characters of the letters as JSON. */
  readonly size: number;
  /** Whether these were the last ones. */
  readonly isEnd: boolean;
}

/** How much of a group is parked. */
export interface DeadLetterTotals {
  readonly streams: number;
  readonly events: number;
  /** Requests of operators that are not done yet. */
  readonly openRequests: number;
}

/** Selects dead letters; an absent field selects all. */
export interface DeadLetterFilter {
  readonly cause?: DeadLetter['cause'];
  /** A part of the error; case matters. */
  readonly error?: string;
}
