import { setImmediate as turnOfOthers } from 'node:timers/promises';

/** Longest piece of work after which everything else in this process gets its turn, ms. */
export const SLICE_MS = 5;

/**
 * Cuts work without an end in sight into slices: a process has one thread, and a fold of 40,000 events would let no
 * other request through. Waiting for Redis does not do that by itself: pages that were asked for ahead come together.
 */
export class Slices {
  readonly #now: () => number;
  #began: number;

  /** @param now a clock in ms that only goes forwards */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#began = now();
  }

  /** Whether to await `next` before more is done. Cheap enough to ask for each event. */
  get isOver(): boolean {
    return this.#now() - this.#began >= SLICE_MS;
  }

  /** Lets everything that waits in this process go ahead once. */
  async next(): Promise<void> {
    await turnOfOthers();
    this.#began = this.#now();
  }
}
