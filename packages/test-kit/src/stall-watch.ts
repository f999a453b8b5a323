/** A time in which the machine stood still, or was so busy that timers stood. Times are ms since the epoch. */
export interface Stall {
  readonly from: number;
  readonly until: number;
}

export interface StallWatch {
  /** Those up to now, in order; one that ends just now is among them. */
  stalls(): readonly Stall[];
  close(): void;
}

const BEAT_MS = 50;
/** A beat that is so late tells of a stall. */
const LATE_MS = 250;
/** What ran between two stalls so close had no time to renew anything. */
const BREATH_MS = 100;

/**
 * Notes when this process stands still. Where it is not busy itself, all others may have stood still as well: nobody
 * planned that. The watch does not keep the process alive.
 */
export function watchStalls(): StallWatch {
  const stalls: Stall[] = [];
  let last = Date.now();
  const look = (): void => {
    const stall = { from: last, until: Date.now() };
    last = stall.until;
    if (stall.until - stall.from < BEAT_MS + LATE_MS) return;
    const before = stalls.at(-1);
    if (before === undefined || stall.from - before.until > BREATH_MS) stalls.push(stall);
    else stalls[stalls.length - 1] = { from: before.from, until: stall.until };
  };
  const timer = setInterval(look, BEAT_MS).unref();
  return {
    stalls: () => {
      look();
      return [...stalls];
    },
    close: () => clearInterval(timer),
  };
}
