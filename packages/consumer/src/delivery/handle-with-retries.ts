import { FencedError, PoisonError } from '../errors.ts';
import { backoffMs } from './backoff.ts';
import { describe, kindOf } from './failure-kind.ts';
import type { FailureStreak } from './failure-streak.ts';
import { isOver, type SessionContext } from './session-context.ts';

/** How handling ended: done, never possible, or deferred so that others can go on. */
export type Handled =
  | { readonly status: 'done' }
  | { readonly status: 'poison' | 'deferred'; readonly error: unknown; readonly attempts: number };

/** What a session does between two attempts. */
export interface Waiting {
  /** Resolves after `ms`, or earlier; never throws for a lease that ends. */
  rest(ms: number): Promise<void>;
  /** Reserves a place for a stream to be deferred; absent where the session has none. False: it is full. */
  readonly reserve: ((stream: string) => boolean) | undefined;
}

/**
 * Tries until it works, or until it has to be parked. Poison is tried `maxAttempts` times. A failure that may pass,
 * which is a transient one or any in an outage, is tried `deferAfter` times and then deferred; while too many streams
 * are deferred already, it is tried without bound.
 * @throws FencedError when the lease is lost, or the owner is draining and the last attempt has failed
 */
export async function handlePersistently(
  context: SessionContext,
  streak: FailureStreak,
  sequence: string,
  attempt: () => Promise<void>,
  waiting: Waiting,
): Promise<Handled> {
  const { policy, lease } = context;
  const tried: Tried = { attempts: 0, poisonous: 0, mark: undefined };
  for (;;) {
    if (lease.lost.aborted) throw new FencedError('handling');
    const failure = await failureOf(attempt);
    if (failure === undefined) return { status: 'done' };
    tried.attempts += 1;
    if (failure.kind === 'poison') tried.poisonous += 1;
    tried.mark ??= streak.mark();
    const verdict = verdictOn(context, streak, sequence, failure, tried, waiting);
    if (verdict !== 'again') return { status: verdict, error: failure.error, attempts: tried.attempts };
    noteFailure(context, failure, tried);
    await waiting.rest(backoffMs(tried.attempts, policy.retryBaseMs, policy.retryCapMs));
    if (isOver(lease)) throw new FencedError('retrying');
  }
}

interface Failure {
  readonly error: unknown;
  readonly kind: 'transient' | 'poison';
}

interface Tried {
  attempts: number;
  poisonous: number;
  /** Of the streak, at the first failure. */
  mark: number | undefined;
}

function verdictOn(
  { policy }: SessionContext,
  streak: FailureStreak,
  sequence: string,
  { error, kind }: Failure,
  { attempts, poisonous, mark = 0 }: Tried,
  waiting: Waiting,
): 'again' | 'poison' | 'deferred' {
  // a handler's own verdict needs no second attempt, and is no sign of an outage
  if (error instanceof PoisonError) return 'poison';
  if (kind === 'poison' && poisonous < policy.maxAttempts) return 'again';
  streak.failure(sequence);
  if (kind === 'poison' && !streak.isOutage(mark)) return 'poison';
  if (attempts < policy.deferAfter) return 'again';
  if (waiting.reserve?.(sequence) === true) return 'deferred';
  return waiting.reserve === undefined && kind === 'poison' ? 'poison' : 'again';
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

/**
 * Counts handled messages; with 0, messages were skipped.
 * @returns whether that ends an outage
 */
export function noteSuccess(
  { progress, totals }: SessionContext,
  streak: FailureStreak,
  handled: number,
): boolean {
  totals.handled += handled;
  progress.handled += handled;
  if (progress.state === 'retrying') Object.assign(progress, { state: 'running', reason: undefined });
  return handled > 0 && streak.success();
}

function noteFailure({ progress, totals, policy }: SessionContext, failure: Failure, tried: Tried): void {
  totals.retried += 1;
  if (failure.kind === 'poison' && tried.poisonous < policy.maxAttempts) return;
  Object.assign(progress, { state: 'retrying', reason: describe(failure.error) });
}
