import type { Stall } from './stall-watch.ts';

/** Stops this process for so many milliseconds: nothing in it runs meanwhile, no timer and no I/O. */
export function standStill(forMs: number): Stall {
  const from = Date.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
  return { from, until: Date.now() };
}
