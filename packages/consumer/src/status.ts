import type { EventEnvelope } from '@headrace/event-schema';

/**
 * What a partition's owner is doing. `retrying`: a transient failure, repeated until it passes.
 * `diverged`: the log no longer holds what the checkpoint says was handled; an operator must resync.
 */
export type PartitionState = 'starting' | 'running' | 'idle' | 'retrying' | 'paused' | 'diverged';

export interface PartitionStatus {
  readonly partition: number;
  readonly state: PartitionState;
  /** Lease epoch; grows with every change of owner. */
  readonly epoch: number;
  /** Position of the last event that needs no more work, null before the first. */
  readonly position: string | null;
  readonly lagEvents: number;
  /** Age of the oldest event not yet handled, 0 when there is none. */
  readonly lagSeconds: number;
  readonly inFlight: number;
  /** Streams that wait behind a parked event, until somebody retries or discards it. */
  readonly blockedStreams: number;
  /** Streams that wait behind a deferred event, which the owner tries again by itself. */
  readonly deferredStreams: number;
  /** Why the partition is retrying, paused or diverged. */
  readonly reason?: string;
}

export interface ConsumerStatus {
  readonly group: string;
  readonly instance: string;
  readonly mode: 'transactional' | 'acknowledged';
  /** Live members of the group, this instance included. */
  readonly members: readonly string[];
  /** The partitions this instance owns. */
  readonly partitions: readonly PartitionStatus[];
  readonly totals: ConsumerTotals;
}

/** Counters since this instance started. */
export interface ConsumerTotals {
  readonly handled: number;
  readonly retried: number;
  readonly parked: number;
  readonly leaseChanges: number;
}

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
  /** Whether there were none behind them. */
  readonly isEnd: boolean;
}

/** How much of a group is parked. */
export interface DeadLetterTotals {
  readonly streams: number;
  readonly events: number;
  /** What operators have asked for and is not done yet. */
  readonly openRequests: number;
}

/** Which dead letters are meant; what is absent does not matter. */
export interface DeadLetterFilter {
  readonly cause?: DeadLetter['cause'];
  /** A part of the error, in upper and lower case as it is there. */
  readonly error?: string;
}

/** Who asks, as far as known. */
export interface Asker {
  readonly actor?: string;
}

/** What operators asked a partition's owner to do, and what became of it. */
export interface OperatorRequest {
  readonly partition: number;
  readonly kind: 'retry' | 'discard' | 'resync';
  /** Null for a resync. */
  readonly stream: string | null;
  /** Position of the event to discard; null for the others. */
  readonly eventId: string | null;
  readonly reason: string | null;
  readonly actor: string | null;
  /** ISO 8601; null where an older release has not noted it. */
  readonly requestedAt: string | null;
  /** ISO 8601; null as long as it is not done. */
  readonly finishedAt: string | null;
  /** A sentence; null as long as it is not done. */
  readonly outcome: string | null;
}

/** Which requests are meant; what is absent does not matter. */
export interface RequestFilter {
  readonly stream?: string;
  /** Not done yet, or done. */
  readonly isOpen?: boolean;
}

export interface ResyncRequest {
  /** Absent: every diverged partition. */
  readonly partition?: number;
  readonly how: 'rebuild' | 'accept';
  /** Why, for the record. */
  readonly reason: string;
  /** Who asks, as far as known. */
  readonly actor?: string;
}

export type ResyncAnswer =
  | { readonly status: 'requested'; readonly partitions: readonly number[] }
  | { readonly status: 'not-diverged' }
  /** The group cannot be mended in that way. */
  | { readonly status: 'not-possible'; readonly why: string };

/** How operators look into a consumer group and mend it; every worker serves this over HTTP. */
export interface ConsumerAdmin {
  readonly group: string;
  status(): Promise<ConsumerStatus>;
  /** Parked events of the whole group, by partition, then stream, then order in the stream. */
  deadLetters(query: DeadLetterQuery): Promise<DeadLetterPage>;
  deadLetterTotals(): Promise<DeadLetterTotals>;
  /** Asks the partition's owner to handle the stream's parked events again, in order. False: nothing is parked. */
  requestRetry(stream: string, asker?: Asker): Promise<boolean>;
  /** Asks the owner to drop one parked event. False: that event is not parked. */
  requestDiscard(stream: string, eventId: string, reason: string, asker?: Asker): Promise<boolean>;
  /** As `requestRetry`, for each stream with a dead letter that is meant; returns how many streams. */
  requestRetries(filter: DeadLetterFilter, asker?: Asker): Promise<number>;
  /** As `requestDiscard`, for each dead letter that is meant; returns how many. */
  requestDiscards(filter: DeadLetterFilter, reason: string, asker?: Asker): Promise<number>;
  /** At most `limit` of what was asked for: what is open, then what was done last; of each the newest first. */
  requests(limit: number, filter?: RequestFilter): Promise<readonly OperatorRequest[]>;
  /**
   * Asks the owners of diverged partitions to get over what the log has lost. `rebuild`: make all effects anew
   * from the log; `accept`: keep them and go on after the last event that the log still has.
   */
  requestResync(request: ResyncRequest): Promise<ResyncAnswer>;
}
