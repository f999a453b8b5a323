import { setTimeout as sleep } from 'node:timers/promises';

/** Full-jitter exponential backoff, ms: up to `baseMs` × 2^(attempt − 1), at most `capMs`. */
export function backoffMs(attempt: number, baseMs: number, capMs: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 20));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

/** Sleeps until the time is over or a signal aborts; never throws. */
export async function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: AbortSignal.any([...signals]) });
  } catch {
    // aborted: the caller checks its signals
  }
}
