import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../command-line.ts';
import type { Child } from './child.ts';

/** A process did not get ready in time, or ended first. */
export class NotReadyError extends Error {
  readonly code = 'NOT_READY';

  constructor(message: string, child: Child, cause: unknown) {
    super(child.lastLines === '' ? message : `${message} It wrote:\n${child.lastLines}`, { cause });
    this.name = 'NotReadyError';
  }
}

export interface ReadinessCheck {
  /** Of the process, for messages. */
  readonly name: string;
  /** Rejects while the process does not serve yet. */
  readonly probe: () => Promise<unknown>;
  /** Between two probes. Default 25 ms. */
  readonly probeIntervalMs?: number;
  readonly readyTimeoutMs: number;
}

/** Calls `probe` until it resolves; its last failure is the cause of the {@link NotReadyError}. */
export async function waitUntilReady(
  child: Child,
  { name, probe, probeIntervalMs = 25, readyTimeoutMs }: ReadinessCheck,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      await probe();
      return;
    } catch (error) {
      if (child.hasExited) throw new NotReadyError(`${name} ended while it was starting.`, child, error);
      if (Date.now() > deadline) {
        const within = `within ${Math.round(readyTimeoutMs / 1000)} s`;
        throw new NotReadyError(`${name} was not ready ${within} (${messageOf(error)}).`, child, error);
      }
      await sleep(probeIntervalMs, undefined, { signal });
    }
  }
}
