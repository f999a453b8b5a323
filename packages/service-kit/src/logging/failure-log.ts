import type { Logger } from 'pino';

const REPEATS_AFTER_MS = 60_000;
/** Different failures remembered at once; more than that are no repeats worth hiding. */
const REMEMBERED = 100;

/**
 * For failures that something deals with by itself, such as a lost connection that is tried again every
 * second: each one is logged as a warning, and its repeats only once a minute, with their number.
 */
export function createFailureLog(
  logger: Logger,
  message: string,
  now: () => number = Date.now,
): (error: unknown) => void {
  const seen = new Map<string, { loggedAt: number; repeats: number }>();
  return (error) => {
    const key = error instanceof Error ? `${error.name} ${error.message}` : String(error);
    const known = seen.get(key);
    if (known !== undefined && now() - known.loggedAt < REPEATS_AFTER_MS) {
      known.repeats += 1;
      return;
    }
    if (seen.size >= REMEMBERED) seen.clear();
    seen.set(key, { loggedAt: now(), repeats: 0 });
    logger.warn({ err: error, ...(known?.repeats ? { repeats: known.repeats } : {}) }, message);
  };
}
