import { setImmediate as turnOfOthers } from 'node:timers/promises';

/** Longest work on folds and pages after which everything else in this process gets its turn, ms. */
const SLICE_MS = 5;

/**
 * Cuts work without an end in sight into slices: a process has one thread, and a fold of 40,000 events would let no
 * other request through. Waiting for Redis does not do that by itself: pages that were asked for ahead come together.
 * All folds of a turn of the event loop share its slice, and each gets at least one event on, so that others wait no
 * longer for ten of them than for one.
 */
export class Slices {
  readonly #now: () => number;
  /** When the work of this turn began. */
  #began: number | undefined;
  #next: Promise<void> | undefined;

  /** @param now a clock in ms that only goes forwards */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether to await `next` before more is done. Cheap enough to ask for each event. */
  get isOver(): boolean {
    const now = this.#now();
    this.#began ??= this.#begin(now);
    return now - this.#began >= SLICE_MS;
  }

  /** Lets everything that waits in this process go ahead once. */
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

/** Those of this process. */
export const slices = new Slices();
