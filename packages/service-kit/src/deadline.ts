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

/**
 * The outcome of `work`, which is started here, or DeadlineExceededError after `timeoutMs`. A synchronous throw
 * of `work` becomes a rejection. The timer does not keep the process alive.
 */
export async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineExceededError(timeoutMs)), timeoutMs);
    timer.unref();
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
