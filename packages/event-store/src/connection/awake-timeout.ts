import type { StartTimer } from '../within.ts';

/** Parts that a time is cut into. */
const BEATS = 10;
/** A beat that takes longer means that the process was stopped; a shorter one, that it was busy, which counts. */
const LONGEST_BEATS = 3;

/** Counts only the time in which this process ran: while it or the machine is stopped, no server is late. */
export const afterAwake: StartTimer = (ms, callback) => {
  const beatMs = ms / BEATS;
  let leftMs = ms;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    leftMs -= Math.min(now - last, LONGEST_BEATS * beatMs);
    last = now;
    if (leftMs > 0) return;
    clearInterval(timer);
    callback();
  }, beatMs);
  return () => clearInterval(timer);
};
