/** Thrown by `within` when the time is over. The work itself goes on; its late outcome is ignored. */
export class DeadlineExceededError extends Error {
  readonly code = 'DEADLINE_EXCEEDED';
  readonly timeoutMs: number;
  constructor(timeoutMs: number) {
    super(`not finished within ${timeoutMs} ms`);
    this.name = 'DeadlineExceededError';
    this.timeoutMs = timeoutMs;
  }
}

/** Calls back once after `ms`, unless the function that it returns is called before. */
export type StartTimer = (ms: number, callback: () => void) => () => void;

/** By the clock. Does not keep the process alive. */
const wallClock: StartTimer = (ms, callback) => {
  const timer = setTimeout(callback, ms).unref();
  return () => clearTimeout(timer);
};

/**
 * The outcome of `work`, which is started here, or DeadlineExceededError after `timeoutMs`. A synchronous throw
 * of `work` becomes a rejection.
 */
export async function within<T>(
  timeoutMs: number,
  work: () => Promise<T>,
  startTimer: StartTimer = wallClock,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = startTimer(timeoutMs, () => late.reject(new DeadlineExceededError(timeoutMs)));
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    cancel();
  }
}
