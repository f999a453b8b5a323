import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreContext } from '../context.ts';

const PAUSE_MS = 50;

export interface RepeatOptions {
  /** Errors that tell the outcome of the lost attempt; after all others it is repeated. */
  readonly isAnswer: (error: unknown) => boolean;
  /** The error to throw when the time is over or the store is closed. */
  readonly giveUp: (last: unknown) => Error;
}

/** After a lost reply, repeats what may be repeated until its outcome is known or `outcomeTimeoutMs` is over. */
export async function repeatUntilKnown<T>(
  { settings, closing }: Pick<StoreContext, 'settings' | 'closing'>,
  attempt: () => Promise<T>,
  { isAnswer, giveUp }: RepeatOptions,
): Promise<T> {
  const deadline = performance.now() + settings.outcomeTimeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (isAnswer(error)) throw error;
      if (performance.now() >= deadline || closing.aborted) throw giveUp(error);
      await sleep(PAUSE_MS, undefined, { signal: closing }).catch(() => undefined);
    }
  }
}
