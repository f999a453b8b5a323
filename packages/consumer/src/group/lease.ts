/** One ownership of one partition by this instance, from taking it to losing or giving it back. */
export interface Lease {
  readonly partition: number;
  /** Key of the lease, for scripts that check it. */
  readonly key: string;
  /** Higher than that of any ownership before. */
  readonly epoch: number;
  /** Aborted when the lease is lost: by this process's own clock, before Redis gives it to another instance. */
  readonly lost: AbortSignal;
  /** Aborted when the owner should finish what is in flight and give the lease back. */
  readonly draining: AbortSignal;
  /** Raises the epoch where another system has seen a higher one (Redis lost its memory of epochs). */
  raiseEpoch(epoch: number): Promise<void>;
}

/** The same lease for a part of its work that may have to end sooner: `draining` then means that part. */
export function partOf(lease: Lease, ended: AbortSignal): Lease {
  return {
    partition: lease.partition,
    key: lease.key,
    get epoch() {
      return lease.epoch;
    },
    lost: lease.lost,
    draining: AbortSignal.any([lease.draining, ended]),
    raiseEpoch: (epoch) => lease.raiseEpoch(epoch),
  };
}
