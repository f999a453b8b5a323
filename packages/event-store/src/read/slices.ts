import { setImmediate as turnOfOthers } from 'node:timers/promises';

/** Longest work on folds and pages before the event loop runs other callbacks, ms. */
const SLICE_MS = 5;

/**
 * Cuts long work into slices, since a fold of 40,000 events would block the process's one thread. Waiting for Redis does
 * not interrupt it enough: pages that were requested ahead arrive together. All folds in one turn of the event loop share
 * its slice, and each advances by at least one event, so that other callbacks wait no longer for ten folds than for one.
 */
export class Slices {
  readonly #now: () => number;
  /** When the work of this turn of the event loop began. */
  #began: number | undefined;
  #next: Promise<void> | undefined;

  /** @param now a clock in ms that only goes forwards */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether to await `next` before continuing. Cheap enough to ask for each event. */
  get isOver(): boolean {
    const now = this.#now();
    this.#began ??= this.#begin(now);
    return now - this.#began >= SLICE_MS;
  }

  /** Lets the event loop run everything else that is ready, once. */
  next(): Promise<void> {
    this.#next ??= turnOfOthers().then(() => {
      this.#next = undefined;
      this.#began = this.#begin(this.#now());
    });
    return this.#next;
  }

  #begin(now: number): number {
    setImmediate(() => {
      if (this.#began === now) this.#began = undefined;
    });
    return now;
  }
}

/** The slices of this process. */
export const slices = new Slices();
