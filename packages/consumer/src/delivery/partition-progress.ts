import type { PartitionState } from '../admin/consumer-status.ts';

/** What a partition's owner is doing; its session keeps it up to date for status and metrics. */
export interface PartitionProgress {
  state: PartitionState;
  reason: string | undefined;
  /** Last position that needs no more work. */
  position: string | null;
  /** Entries of the partition up to `position`, where the session counts them. */
  handledEntries: number | undefined;
  inFlight: number;
  /** Events that this owner has handled. */
  handled: number;
  blockedStreams: number;
  deferredStreams: number;
}

export function newProgress(): PartitionProgress {
  return {
    state: 'starting',
    reason: undefined,
    position: null,
    handledEntries: undefined,
    inFlight: 0,
    handled: 0,
    blockedStreams: 0,
    deferredStreams: 0,
  };
}

/** Counters of one consumer, all its partitions together, since it started. */
export interface Totals {
  handled: number;
  retried: number;
  parked: number;
}
