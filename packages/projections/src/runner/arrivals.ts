import { compareEntryIds, entryIdOf, partitionOfPosition } from '@headrace/event-schema';

/** Tells those who wait for an event when a projection of this process has come to it. */
export interface Arrivals {
  /** A version's checkpoint has come to this position. */
  note(name: string, position: string): void;
  /**
   * Resolves when a version of the projection comes to the position from now on, after so many milliseconds, which is
   * all where another process works on that partition, or when `signal` aborts.
   */
  at(name: string, position: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
}

interface Waiter {
  readonly entryId: string;
  readonly resolve: () => void;
}

export function createArrivals(): Arrivals {
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
    note: (name, position) => {
      const entryId = entryIdOf(position);
      for (const waiter of [...(waiting.get(keyOf(name, position)) ?? [])])
        if (compareEntryIds(entryId, waiter.entryId) >= 0) waiter.resolve();
    },
    at: (name, position, timeoutMs, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const key = keyOf(name, position);
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

function keyOf(name: string, position: string): string {
  return `${name}/${partitionOfPosition(position)}`;
}
