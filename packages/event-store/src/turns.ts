import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets one process's commands on one stream go one after the other: all at once they would only make each
 * other decide anew. A courtesy, not a lock: whoever has waited `longestMs` goes ahead.
 */
export class Turns {
  readonly #longestMs: number;
  readonly #last = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, number>();

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  async inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(stream);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#last.set(stream, done);
    try {
      if (before !== undefined) await this.#counted(stream, () => this.#within(before));
      return await work();
    } finally {
      resolve();
      if (this.#last.get(stream) === done) this.#last.delete(stream);
    }
  }

  /** Whether somebody has come after whoever has the turn now, or waits for it. */
  isWaitedFor(stream: string): boolean {
    return (this.#waiting.get(stream) ?? 0) > 0;
  }

  async #counted(stream: string, wait: () => Promise<void>): Promise<void> {
    this.#waiting.set(stream, (this.#waiting.get(stream) ?? 0) + 1);
    try {
      await wait();
    } finally {
      const left = (this.#waiting.get(stream) ?? 0) - 1;
      if (left === 0) this.#waiting.delete(stream);
      else this.#waiting.set(stream, left);
    }
  }

  async #within(before: Promise<void>): Promise<void> {
    const over = new AbortController();
    const longest = sleep(this.#longestMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([before, longest]);
    over.abort();
  }
}

const BACKOFF_MS = 5;

/** Before whoever was overtaken looks again; shorter when the store is closed. */
export async function backOff(attempt: number, closing: AbortSignal): Promise<void> {
  const ms = Math.random() * BACKOFF_MS * 2 ** Math.min(attempt, 5);
  await sleep(ms, undefined, { signal: closing }).catch(() => undefined);
}
