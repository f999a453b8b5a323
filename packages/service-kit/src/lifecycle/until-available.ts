import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isConnectionFailure } from '../problem/connection-failure.ts';

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 2_000;

export interface UntilAvailableOptions {
  /** Ends the waiting; what `open` still has under way then is left to itself. */
  readonly signal: AbortSignal;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * Calls `open` until it succeeds, as long as it fails because a server cannot be reached or cannot serve yet;
 * pauses between tries grow from 100 ms to 2 s. Logs once when the waiting begins and once when it is over.
 * @param what name of the server, for the log
 * @throws the signal's reason once it aborts; at once, whatever else `open` throws
 */
export async function untilAvailable(
  what: string,
  open: () => Promise<void>,
  { signal, logger }: UntilAvailableOptions,
): Promise<void> {
  const started = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await unlessAborted(signal, open);
      if (attempt > 0) logger.info({ waitedMs: Math.round(performance.now() - started) }, `${what} is there`);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectionFailure(error)) throw error;
      if (attempt === 0) logger.warn({ err: error }, `${what} cannot be reached yet; waiting for it`);
    }
    // an abort is noticed at the top, which throws its reason
    await sleep(delayAfterMs(attempt), undefined, { signal }).catch(() => undefined);
  }
}

/** Pause after a try, the first of which is 0. */
export function delayAfterMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
}

/** The outcome of `work`, or a rejection with the signal's reason, whichever is first. */
async function unlessAborted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work(), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
