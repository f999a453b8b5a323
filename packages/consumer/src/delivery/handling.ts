import { FencedError } from '../group/lease.ts';
import { backoffMs, pause } from './backoff.ts';
import { describe, kindOf, PoisonError } from './failures.ts';
import { isOver, type SessionContext } from './session.ts';
import type { FailureStreak } from './streak.ts';

/** How trying to handle something ended: done, or poison after so many attempts. */
export type Handled =
  | { readonly status: 'done' }
  | { readonly status: 'poison'; readonly error: unknown; readonly attempts: number };

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
  const { policy, lease } = context;
  let poisonous = 0;
  for (let tries = 1; ; tries += 1) {
    if (lease.lost.aborted) throw new FencedError('handling');
    const failure = await failureOf(attempt);
    if (failure === undefined) {
      noteSuccess(context, streak);
      return { status: 'done' };
    }
    if (failure.kind === 'poison') poisonous += 1;
    const exhausted = poisonous >= policy.maxAttempts;
    if (isConvicted(failure, exhausted, () => streak.failure(sequence))) {
      return { status: 'poison', error: failure.error, attempts: poisonous };
    }
    noteFailure(context, failure, exhausted);
    await pause(backoffMs(tries, policy.retryBaseMs, policy.retryCapMs), lease.lost, lease.draining);
    if (isOver(lease)) throw new FencedError('retrying');
  }
}

interface Failure {
  readonly error: unknown;
  readonly kind: 'transient' | 'poison';
}

/** What its handler calls poison needs no second attempt, and is no sign of an outage. */
function isConvicted({ error }: Failure, exhausted: boolean, isOutage: () => boolean): boolean {
  return error instanceof PoisonError || (exhausted && !isOutage());
}

/** @throws FencedError as it came */
async function failureOf(attempt: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'fenced') throw error;
    return { error, kind };
  }
}

function noteSuccess({ progress }: SessionContext, streak: FailureStreak): void {
  streak.success();
  if (progress.state === 'retrying') Object.assign(progress, { state: 'running', reason: undefined });
}

function noteFailure({ progress, totals }: SessionContext, failure: Failure, exhausted: boolean): void {
  totals.retried += 1;
  if (!exhausted && failure.kind === 'poison') return;
  Object.assign(progress, { state: 'retrying', reason: describe(failure.error) });
}
