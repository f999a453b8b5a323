import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets one process's commands on one stream go one after the other: all at once they would only make each
 * other decide anew. A courtesy, not a lock: whoever has waited `longestMs` goes ahead.
 */
export class Turns {
  readonly #longestMs: number;
  readonly #last = new Map<string, Promise<void>>();

  constructor(longestMs: number) {
    this.#longestMs = longestMs;
  }

  async inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(stream);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#last.set(stream, done);
    try {
      if (before !== undefined) await this.#within(before);
      return await work();
    } finally {
      resolve();
      if (this.#last.get(stream) === done) this.#last.delete(stream);
    }
  }

  async #within(before: Promise<void>): Promise<void> {
    const over = new AbortController();
    const longest = sleep(this.#longestMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([before, longest]);
    over.abort();
  }
}
