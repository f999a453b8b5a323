import { setTimeout as sleep } from 'node:timers/promises';

export interface BackgroundLoopOptions {
  /** Does one piece of work; true when more is waiting. What it throws is reported, and tried again later. */
  readonly work: () => Promise<boolean>;
  /** Pause when nothing is waiting, ms. */
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

export interface BackgroundLoop {
  start(): void;
  /** Resolves when the piece of work under way is done. */
  stop(): Promise<void>;
}

const LONGEST_BACKOFF_MS = 5_000;

/** Repeats work until it is stopped, one piece at a time; after failures more and more slowly. */
export function createBackgroundLoop({ work, everyMs, onError }: BackgroundLoopOptions): BackgroundLoop {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const more = await work();
        failures = 0;
        if (more) continue;
      } catch (error) {
        failures += 1;
        onError(error);
      }
      // With jitter, since all instances meet an outage at once.
      const ms = Math.min(everyMs * 2 ** Math.min(failures, 10), Math.max(everyMs, LONGEST_BACKOFF_MS));
      const pauseMs = failures === 0 ? ms : ms * (0.5 + Math.random() / 2);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    start: () => {
      running = run();
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
