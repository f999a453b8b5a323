import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import type { PartitionProgress } from './partition-progress.ts';

/** The streams of a partition with a parked event, as its owner knows them; those with a deferred one have a time. */
export class BlockedStreams {
  readonly #policy: DeliveryPolicy;
  readonly #progress: PartitionProgress;
  readonly #blocked: Set<string>;
  readonly #deferred: Map<string, number>;

  /** @param progress shows how many there are */
  constructor(
    policy: DeliveryPolicy,
    progress: PartitionProgress,
    known: { readonly blocked: Iterable<string>; readonly deferred: ReadonlyMap<string, number> },
  ) {
    this.#policy = policy;
    this.#progress = progress;
    this.#blocked = new Set(known.blocked);
    this.#deferred = new Map(known.deferred);
    this.#show();
  }

  get size(): number {
    return this.#blocked.size;
  }

  has(stream: string): boolean {
    return this.#blocked.has(stream);
  }

  /** An event of the stream is parked, or was tried again and is parked still. */
  block(stream: string, { cause, retryAt }: Pick<DeadLetter, 'cause' | 'retryAt'>): void {
    this.#blocked.add(stream);
    if (retryAt !== null) this.#deferred.set(stream, Date.parse(retryAt));
    // what waits behind a deferred event changes nothing about it
    else if (cause !== 'blocked') this.#deferred.delete(stream);
    this.#show();
  }

  /** Nothing of the stream is parked any more. */
  unblock(stream: string): void {
    this.#blocked.delete(stream);
    this.#deferred.delete(stream);
    this.#show();
  }

  /** Nothing of any stream is parked any more. */
  clear(): void {
    this.#blocked.clear();
    this.#deferred.clear();
    this.#show();
  }

  /** Reserves a place among the deferred streams, for one whose event is parked next. False: there are too many. */
  readonly reserve = (stream: string): boolean => {
    const { maxDeferredStreams, maxBlockedStreams } = this.#policy;
    if (this.#deferred.size >= maxDeferredStreams || this.#blocked.size >= maxBlockedStreams) return false;
    this.#blocked.add(stream);
    this.#deferred.set(stream, Number.POSITIVE_INFINITY);
    return true;
  };

  /** Deferred streams that are due, the longest due first. */
  due(): readonly string[] {
    const now = Date.now();
    const due = [...this.#deferred].filter(([, retryAt]) => retryAt <= now);
    return due.sort(([, a], [, b]) => a - b).map(([stream]) => stream);
  }

  /** Makes all deferred streams due: what has kept them from being handled may be over. */
  makeDue(): void {
    for (const stream of this.#deferred.keys()) this.#deferred.set(stream, 0);
  }

  #show(): void {
    this.#progress.blockedStreams = this.#blocked.size - this.#deferred.size;
    this.#progress.deferredStreams = this.#deferred.size;
  }
}
