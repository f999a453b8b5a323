/** Into how many parts a time is cut. */
const BEATS = 10;
/** A beat that is later than that was stopped on its way; up to there, the process has been busy, which counts. */
const LONGEST_BEATS = 3;

/**
 * Calls back after so many milliseconds in which this process ran: while it or the whole machine is stopped, nobody
 * else can be blamed for not answering. @returns how to call it off
 */
export function afterAwake(ms: number, callback: () => void): () => void {
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
}
