import { compareEntryIds } from '@headrace/event-schema';

/** How far a Redis stream has been read, by a read that found nothing behind that. */
export interface ReadUpTo {
  readonly entryId: string;
  /** When the read that found nothing was asked for, or earlier; by `performance.now()`. */
  readonly at: number;
}

interface Waiter {
  readonly entryId: string;
  readonly resolve: (hasGrown: boolean) => void;
}

/** What is known of a Redis stream's end, and who waits for it to move. */
export class StreamTail {
  readonly #waiters = new Set<Waiter>();
  #entryId: string;
  /** When the last entry became known, or later: a read before that may have missed it. */
  #at = performance.now();
  #waitedAt = 0;

  constructor(entryId: string) {
    this.#entryId = entryId;
  }

  /** The last entry that is known of. */
  get entryId(): string {
    return this.#entryId;
  }

  /** Whether it has an entry that the read cannot have seen. */
  isBehind(read: ReadUpTo): boolean {
    return this.#at >= read.at && compareEntryIds(this.#entryId, read.entryId) > 0;
  }

  /** Nothing has waited for it since that time, by `performance.now()`. */
  isUnusedSince(time: number): boolean {
    return this.#waiters.size === 0 && this.#waitedAt < time;
  }

  /** Resolves with whether the stream is known to have grown; false when the signal aborts or the time is up. */
  wait(entryId: string, signal: AbortSignal, patienceMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (hasGrown: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#waiters.delete(waiter);
        resolve(hasGrown);
      };
      const giveUp = (): void => finish(false);
      const waiter: Waiter = { entryId, resolve: finish };
      const timer = setTimeout(giveUp, patienceMs);
      signal.addEventListener('abort', giveUp);
      this.#waiters.add(waiter);
    });
  }

  touch(): void {
    this.#waitedAt = performance.now();
  }

  /** An entry of the stream became known. */
  note(entryId: string): void {
    if (compareEntryIds(entryId, this.#entryId) <= 0) return;
    this.#moveTo(entryId);
    for (const waiter of [...this.#waiters])
      if (compareEntryIds(waiter.entryId, entryId) < 0) waiter.resolve(true);
  }

  /** The stream may have lost its end: goes back to where the waiters have read since. */
  startFromWaiters(): void {
    for (const { entryId } of this.#waiters)
      if (compareEntryIds(entryId, this.#entryId) < 0) this.#moveTo(entryId);
  }

  close(): void {
    for (const waiter of [...this.#waiters]) waiter.resolve(false);
  }

  #moveTo(entryId: string): void {
    this.#entryId = entryId;
    this.#at = performance.now();
  }
}
