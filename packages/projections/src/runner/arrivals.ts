import { compareEntryIds, entryIdOf, partitionOfPosition } from '@headrace/event-schema';
import { type ProjectionVersion, projectionGroup } from '../projection/definition.ts';

/** How far the versions of projections have come on the partitions of this process, and who waits for them. */
export interface Arrivals {
  /** A version's checkpoint is at this entry, null before the first; undefined: it is not this process that moves it. */
  note(of: ProjectionVersion, partition: number, entryId: string | null | undefined): void;
  /** Whether a consumer of this process is on its way to the position, and not there yet. */
  isBehind(of: ProjectionVersion, position: string): boolean;
  /**
   * Resolves when a consumer of this process brings the version to the position from now on, or ends on the way; after
   * so many milliseconds, which is all where another process works on that partition; or when `signal` aborts.
   */
  at(of: ProjectionVersion, position: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
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
    note: (of, partition, entryId) => {
      const key = keyOf(of, partition);
      if (entryId === undefined) places.delete(key);
      else places.set(key, entryId);
      for (const waiter of [...(waiting.get(key) ?? [])])
        if (entryId === undefined || hasReached(entryId, waiter.entryId)) waiter.resolve();
    },
    isBehind: (of, position) => {
      const place = places.get(keyOf(of, partitionOfPosition(position)));
      return place !== undefined && !hasReached(place, entryIdOf(position));
    },
    at: (of, position, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const key = keyOf(of, partitionOfPosition(position));
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

function keyOf(of: ProjectionVersion, partition: number): string {
  return `${projectionGroup(of)}/${partition}`;
}
