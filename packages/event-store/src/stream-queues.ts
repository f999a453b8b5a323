import { within } from './within.ts';

/** Work behind slow work on its stream waits this long before it goes ahead. */
const LONGEST_WAIT_MS = 2_000;

/**
 * A queue for each stream: one process's commands on a stream run one after the other, since at once they would only
 * make each other decide anew. Not a lock: whatever has waited for `longestWaitMs` runs beside what it waited for.
 */
export class StreamQueues {
  readonly #longestWaitMs: number;
  readonly #last = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, number>();

  constructor(longestWaitMs = LONGEST_WAIT_MS) {
    this.#longestWaitMs = longestWaitMs;
  }

  /** Runs `work` after all work on the stream that came before it, whether that succeeded or failed. */
  async run<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(stream);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#last.set(stream, done);
    try {
      if (before !== undefined) await this.#waitFor(before, stream);
      return await work();
    } finally {
      resolve();
      if (this.#last.get(stream) === done) this.#last.delete(stream);
    }
  }

  /** Whether work on the stream is waiting. */
  hasWaiting(stream: string): boolean {
    return (this.#waiting.get(stream) ?? 0) > 0;
  }

  async #waitFor(before: Promise<void>, stream: string): Promise<void> {
    this.#waiting.set(stream, (this.#waiting.get(stream) ?? 0) + 1);
    try {
      await within(this.#longestWaitMs, () => before).catch(() => undefined);
    } finally {
      const left = (this.#waiting.get(stream) ?? 0) - 1;
      if (left === 0) this.#waiting.delete(stream);
      else this.#waiting.set(stream, left);
    }
  }
}
