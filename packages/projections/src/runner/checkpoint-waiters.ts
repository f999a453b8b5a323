import { compareEntryIds, entryIdOf, partitionOfPosition } from '@headrace/event-schema';
import { type ProjectionVersion, projectionGroup } from '../projection/definition.ts';

/** Checkpoints of projections' versions on the partitions of this process, and the requests that wait for them. */
export interface Arrivals {
  /** Notes a version's checkpoint; null before the first entry, undefined where this process no longer moves it. */
  note(version: ProjectionVersion, partition: number, entryId: string | null | undefined): void;
  /** Whether this process moves the checkpoint of the position's partition, and has not come to the position. */
  isBehind(version: ProjectionVersion, position: string): boolean;
  /**
   * Resolves when a consumer of this process brings the version to the position from now on or stops before that, after
   * `timeoutMs` (always so where another process works on that partition), or when `signal` aborts.
   */
  at(version: ProjectionVersion, position: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly entryId: string;
  readonly resolve: () => void;
}

export function createArrivals(): Arrivals {
  const places = new Map<string, string | null>();
  const waiting = new Map<string, Set<Waiter>>();

  function add(key: string, waiter: Waiter): void {
    const waiters = waiting.get(key) ?? new Set();
    waiting.set(key, waiters.add(waiter));
  }

  function remove(key: string, waiter: Waiter): void {
    const waiters = waiting.get(key);
    waiters?.delete(waiter);
    if (waiters?.size === 0) waiting.delete(key);
  }

  return {
    note: (version, partition, entryId) => {
      const key = keyOf(version, partition);
      if (entryId === undefined) places.delete(key);
      else places.set(key, entryId);
      for (const waiter of [...(waiting.get(key) ?? [])])
        if (entryId === undefined || hasReached(entryId, waiter.entryId)) waiter.resolve();
    },
    isBehind: (version, position) => {
      const place = places.get(keyOf(version, partitionOfPosition(position)));
      return place !== undefined && !hasReached(place, entryIdOf(position));
    },
    at: (version, position, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const key = keyOf(version, partitionOfPosition(position));
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          remove(key, waiter);
          resolve();
        };
        const waiter: Waiter = { entryId: entryIdOf(position), resolve: finish };
        const timer = setTimeout(finish, timeoutMs);
        signal.addEventListener('abort', finish);
        add(key, waiter);
      }),
  };
}

function hasReached(place: string | null, entryId: string): boolean {
  return place !== null && compareEntryIds(place, entryId) >= 0;
}

function keyOf(version: ProjectionVersion, partition: number): string {
  return `${projectionGroup(version)}/${partition}`;
}
