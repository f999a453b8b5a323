/** A time in which the machine stood still, or was so busy that timers stood. Times are ms since the epoch. */
export interface Stall {
  readonly from: number;
  readonly until: number;
}

/** How often a process that watches is to call `beat`, ms. */
export const BEAT_MS = 50;
/** A beat that is so late tells of a stall. */
const LATE_MS = 250;
/** What ran between two stalls so close had no time to renew anything. */
const BREATH_MS = 100;

/** Tells from the times of regular beats when whoever beats stood still. */
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
    if (before !== undefined && stall.from - before.until <= BREATH_MS)
      this.#stalls[this.#stalls.length - 1] = { from: before.from, until: stall.until };
    else this.#stalls.push(stall);
  }

  /** Those up to the last beat, in order. */
  get stalls(): readonly Stall[] {
    return [...this.#stalls];
  }
}
