import { setTimeout as sleep } from 'node:timers/promises';
import type { StoreContext } from '../context.ts';

const PAUSE_MS = 50;

export interface RepeatOptions {
  /** Errors that tell what became of the lost one; all others are met by trying again. */
  readonly isAnswer: (error: unknown) => boolean;
  /** What to throw when time is up or the store is closed. */
  readonly giveUp: (last: unknown) => Error;
}

/** Repeats what is safe to repeat, after a lost reply, until its outcome is known or `outcomeTimeoutMs` is over. */
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
