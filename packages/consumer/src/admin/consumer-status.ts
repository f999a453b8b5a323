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
  /** Streams that wait behind a parked event, until an operator retries or discards it. */
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
