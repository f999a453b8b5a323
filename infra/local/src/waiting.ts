import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from './command-line.ts';
import type { Child } from './processes.ts';

/** Something that was waited for did not come in time, or its process ended first. */
export class NotReadyError extends Error {
  readonly code = 'NOT_READY';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NotReadyError';
  }
}

export interface WaitOptions {
  readonly what: string;
  readonly timeoutMs: number;
  /** Default 25 ms. */
  readonly intervalMs?: number;
  /** Waiting ends at once when this process does. */
  readonly child?: Child;
  readonly signal?: AbortSignal;
}

/** Calls `probe` until it resolves; the last failure is the cause of the {@link NotReadyError}. */
export async function waitUntil(probe: () => Promise<unknown>, options: WaitOptions): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    try {
      await probe();
      return;
    } catch (error) {
      const failure = failureFor(error, options, deadline);
      if (failure) throw failure;
      await sleep(options.intervalMs ?? 25, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}

function failureFor(error: unknown, options: WaitOptions, deadline: number): NotReadyError | undefined {
  if (options.child?.hasExited()) {
    const message = `${options.what} ended while it was starting.${tail(options.child)}`;
    return new NotReadyError(message, { cause: error });
  }
  if (Date.now() <= deadline) return undefined;
  const within = `within ${Math.round(options.timeoutMs / 1000)} s`;
  const message = `${options.what} was not ready ${within} (${messageOf(error)}).${tail(options.child)}`;
  return new NotReadyError(message, { cause: error });
}

function tail(child: Child | undefined): string {
  const lines = child?.lastLines();
  return lines ? ` It wrote:\n${lines}` : '';
}
