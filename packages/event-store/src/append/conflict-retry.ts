import { setTimeout as sleep } from 'node:timers/promises';

/** Attempts at an append that other writers overtake, the first one included; each on the stream as it is by then. */
export const MAX_ATTEMPTS = 20;

const BACKOFF_MS = 5;

/** Random pause after attempt number `attempt`, up to 160 ms; ends early when the store is closed. */
export async function backOff(attempt: number, closing: AbortSignal): Promise<void> {
  const ms = Math.random() * BACKOFF_MS * 2 ** Math.min(attempt, 5);
  await sleep(ms, undefined, { signal: closing }).catch(() => undefined);
}
