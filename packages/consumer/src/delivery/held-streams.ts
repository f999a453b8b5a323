import type { DeadLetter } from '../status.ts';
import type { PartitionProgress } from './partition-state.ts';
import type { DeliveryPolicy } from './policy.ts';

/** The streams of a partition that wait behind a parked event, as its owner knows them. */
export interface HeldStreams {
  size(): number;
  has(stream: string): boolean;
  /** An event of the stream is parked, or was tried again and is parked still. */
  hold(stream: string, parked: Pick<DeadLetter, 'cause'> & { readonly retryAt?: string | null }): void;
  /** Nothing of the stream is parked any more. */
  release(stream: string): void;
  /** Of all streams. */
  clear(): void;
  /** Reserves a place among the deferred streams, for one whose event is parked next. False: there are too many. */
  reserve(stream: string): boolean;
  /** Deferred streams whose time has come, those first that have waited longest since. */
  due(): readonly string[];
  /** What has kept the deferred ones from being handled may be over: their time has come. */
  makeDue(): void;
}

/** @param progress shows how many there are */
export function createHeldStreams(
  policy: DeliveryPolicy,
  progress: PartitionProgress,
  known: { readonly blocked: Iterable<string>; readonly deferred: ReadonlyMap<string, number> },
): HeldStreams {
  const held = new Set(known.blocked);
  const deferred = new Map(known.deferred);
  const show = (): void => {
    progress.blockedStreams = held.size - deferred.size;
    progress.deferredStreams = deferred.size;
  };
  show();
  return {
    size: () => held.size,
    has: (stream) => held.has(stream),
    hold: (stream, { cause, retryAt }) => {
      held.add(stream);
      if (typeof retryAt === 'string') deferred.set(stream, Date.parse(retryAt));
      // what waits behind a deferred event changes nothing about it
      else if (cause !== 'blocked') deferred.delete(stream);
      show();
    },
    release: (stream) => {
      held.delete(stream);
      deferred.delete(stream);
      show();
    },
    clear: () => {
      held.clear();
      deferred.clear();
      show();
    },
    reserve: (stream) => {
      if (deferred.size >= policy.maxDeferredStreams || held.size >= policy.maxBlockedStreams) return false;
      held.add(stream);
      deferred.set(stream, Number.POSITIVE_INFINITY);
      return true;
    },
    due: () => {
      const now = Date.now();
      const due = [...deferred].filter(([, retryAt]) => retryAt <= now);
      return due.sort(([, a], [, b]) => a - b).map(([stream]) => stream);
    },
    makeDue: () => {
      for (const stream of deferred.keys()) deferred.set(stream, 0);
    },
  };
}

/** When what is deferred now is tried again. */
export function retryTime({ deferMs }: DeliveryPolicy): Date {
  return new Date(Date.now() + deferMs);
}
