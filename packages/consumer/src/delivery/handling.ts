import { FencedError } from '../group/lease.ts';
import { backoffMs, pause } from './backoff.ts';
import { describe, kindOf } from './failures.ts';
import { isOver, type SessionContext } from './session.ts';
import type { FailureStreak } from './streak.ts';

/** How trying to handle something ended: done, or poison after so many attempts. */
export type Handled = { readonly status: 'done' } | { readonly status: 'poison'; readonly error: unknown; readonly attempts: number };

/**
 * Tries until it works: transient failures without bound, poison a bounded number of times; what looks like
 * poison on many streams in a row counts as transient.
 * @throws FencedError when the lease is lost, or the holder is draining and the thing does not work yet
 */
export async function handlePersistently(
  context: SessionContext,
  streak: FailureStreak,
  sequence: string,
  attempt: () => Promise<void>,
): Promise<Handled> {
  const { policy, lease, progress, totals } = context;
  let poisonous = 0;
  for (let tries = 1; ; tries += 1) {
    try {
      if (lease.lost.aborted) throw new FencedError('handling');
      await attempt();
      streak.success();
      if (progress.state === 'retrying') Object.assign(progress, { state: 'running', reason: undefined });
      return { status: 'done' };
    } catch (error) {
      const kind = kindOf(error);
      if (kind === 'fenced') throw error;
      if (kind === 'poison') poisonous += 1;
      if (poisonous >= policy.maxAttempts && !streak.failure(sequence)) {
        return { status: 'poison', error, attempts: poisonous };
      }
      totals.retried += 1;
      if (kind === 'transient' || poisonous >= policy.maxAttempts) {
        Object.assign(progress, { state: 'retrying', reason: describe(error) });
      }
      await pause(backoffMs(tries, policy.retryBaseMs, policy.retryCapMs), lease.lost, lease.draining);
      if (isOver(lease)) throw new FencedError('retrying');
    }
  }
}
