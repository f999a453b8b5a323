import { type StartTimer, within } from './within.ts';

/** If no work on a stream ends for this long, the waiting work starts anyway. */
const LONGEST_WAIT_MS = 2_000;

/**
 * A queue for each stream: one process's commands on a stream run one after the other, since at once they would only
 * make each other decide anew. Not a lock: when nothing on the stream ends for `longestWaitMs`, what waits there runs
 * beside what it waited for.
 */
export class StreamQueues {
  readonly #longestWaitMs: number;
  readonly #last = new Map<string, Promise<void>>();
  readonly #waiting = new Map<string, number>();
  /** Works that have ended on each stream with a queue. */
  readonly #ended = new Map<string, number>();
  readonly #startTimer: StartTimer | undefined;

  constructor(longestWaitMs = LONGEST_WAIT_MS, startTimer?: StartTimer) {
    this.#longestWaitMs = longestWaitMs;
    this.#startTimer = startTimer;
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
      this.#ended.set(stream, this.#endedOn(stream) + 1);
      if (this.#last.get(stream) === done) {
        this.#last.delete(stream);
        this.#ended.delete(stream);
      }
    }
  }

  /** Whether work on the stream is waiting. */
  hasWaiting(stream: string): boolean {
    return (this.#waiting.get(stream) ?? 0) > 0;
  }

  async #waitFor(before: Promise<void>, stream: string): Promise<void> {
    this.#waiting.set(stream, (this.#waiting.get(stream) ?? 0) + 1);
    try {
      // a long queue that moves is waited for: all at once would be slower
      let ended: number;
      do {
        ended = this.#endedOn(stream);
        if (await this.#ends(before)) return;
      } while (ended !== this.#endedOn(stream));
    } finally {
      const left = (this.#waiting.get(stream) ?? 0) - 1;
      if (left === 0) this.#waiting.delete(stream);
      else this.#waiting.set(stream, left);
    }
  }

  #endedOn(stream: string): number {
    return this.#ended.get(stream) ?? 0;
  }

  /** Whether `before` ends within the longest wait. */
  #ends(before: Promise<void>): Promise<boolean> {
    return within(this.#longestWaitMs, () => before, this.#startTimer).then(
      () => true,
      () => false,
    );
  }
}
