import type {
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetterTotals,
} from '../dead-letters/dead-letter.ts';
import type { ConsumerStatus } from './consumer-status.ts';

/** Who asks; absent where it is not known. */
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

/** Selects requests; an absent field selects all. */
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
  /** Who asks; absent where it is not known. */
  readonly actor?: string;
}

export type ResyncAnswer =
  | { readonly status: 'requested'; readonly partitions: readonly number[] }
  | { readonly status: 'not-diverged' }
  /** The group cannot be repaired in that way. */
  | { readonly status: 'not-possible'; readonly why: string };

/** How operators inspect and repair a consumer group; every worker serves this over HTTP. */
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
  /** As `requestRetry`, for each stream with a dead letter that the filter selects; returns how many streams. */
  requestRetries(filter: DeadLetterFilter, asker?: Asker): Promise<number>;
  /** As `requestDiscard`, for each dead letter that the filter selects; returns how many. */
  requestDiscards(filter: DeadLetterFilter, reason: string, asker?: Asker): Promise<number>;
  /** At most `limit` requests: open ones first, then finished ones; of each the newest first. */
  requests(limit: number, filter?: RequestFilter): Promise<readonly OperatorRequest[]>;
  /**
   * Asks the owners of diverged partitions to go on although the log has lost events. `rebuild`: make all effects
   * anew from the log; `accept`: keep them and go on after the last event that the log still has.
   */
  requestResync(request: ResyncRequest): Promise<ResyncAnswer>;
}
