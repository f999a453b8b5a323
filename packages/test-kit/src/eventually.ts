import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 20 s. */
  readonly timeoutMs?: number;
  /** Default 20 ms. */
  readonly intervalMs?: number;
  /** What is waited for; stands in the failure message. */
  readonly what?: string;
}

/** A condition that did not come true in time; `cause` is the last failure. */
export class NeverHappenedError extends Error {
  readonly code = 'NEVER_HAPPENED';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NeverHappenedError';
  }
}

/**
 * Calls `fn` until it neither throws nor returns false, and returns what it returned. Put `expect(…)` inside: its
 * last failure stands in the message when time is up. A call that hangs counts as failing when time is up.
 */
export async function eventually<T>(
  fn: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const startedAt = performance.now();
  let attempts = 0;
  let lastFailure: unknown = new Error('the first attempt has not ended');
  for (;;) {
    attempts++;
    const remainingMs = timeoutMs - (performance.now() - startedAt);
    try {
      const result = await settledWithin(fn, Math.max(remainingMs, 1), () => lastFailure);
      if (result !== false) return result as Exclude<T, false>;
      lastFailure = new Error('it returned false');
    } catch (error) {
      lastFailure = error;
    }
    if (performance.now() - startedAt >= timeoutMs) break;
    await sleep(options.intervalMs ?? 20);
  }
  const reason = lastFailure instanceof Error ? lastFailure.message : String(lastFailure);
  throw new NeverHappenedError(
    `${options.what ?? 'The condition'} did not come true within ${timeoutMs} ms (${attempts} attempts). Last: ${reason}`,
    { cause: lastFailure },
  );
}

async function settledWithin<T>(
  fn: () => T | Promise<T>,
  remainingMs: number,
  failureOnTimeout: () => unknown,
): Promise<T> {
  const giveUp = new AbortController();
  const timedOut = sleep(remainingMs, undefined, { signal: giveUp.signal }).then(
    () => Promise.reject(failureOnTimeout()),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([Promise.resolve().then(fn), timedOut]);
  } finally {
    giveUp.abort();
  }
}
