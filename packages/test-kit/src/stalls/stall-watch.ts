/** A time in which the machine stood still, or was so busy that timers did not fire. Times are ms since the epoch. */
export interface Stall {
  readonly from: number;
  readonly until: number;
}

/** How often a watching process calls `beat`, ms. */
export const BEAT_MS = 50;
/** A beat that comes this late means a stall. */
const LATE_MS = 250;
/** Stalls this close together count as one: there was no time in between to renew a lease. */
const SHORTEST_GAP_MS = 100;

/** Finds out from the times of regular beats when the process stood still. */
export class StallWatch {
  readonly #stalls: Stall[] = [];
  #last: number;

  constructor(startedAt: number) {
    this.#last = startedAt;
  }

  beat(now: number): void {
    const stall = { from: this.#last, until: now };
    this.#last = now;
    if (stall.until - stall.from < BEAT_MS + LATE_MS) return;
    const before = this.#stalls.at(-1);
    if (before !== undefined && stall.from - before.until <= SHORTEST_GAP_MS)
      this.#stalls[this.#stalls.length - 1] = { from: before.from, until: stall.until };
    else this.#stalls.push(stall);
  }

  /** All up to the last beat, in order. */
  get stalls(): readonly Stall[] {
    return [...this.#stalls];
  }
}
