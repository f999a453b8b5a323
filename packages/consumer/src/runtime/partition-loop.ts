import { backoffMs, pause } from '../delivery/backoff.ts';
import { describe, kindOf } from '../delivery/failure-kind.ts';
import { isOver, type SessionContext } from '../delivery/session-context.ts';
import { DivergedError } from '../errors.ts';

const DIVERGED_RECHECK_MS = 5_000;

/**
 * Runs sessions on a leased partition, one after the other, until the lease is lost or draining: a session that
 * fails is opened anew from what Redis or the database knows, so an answer that was lost does no harm.
 */
export async function workOnPartition(
  context: Omit<SessionContext, 'failuresBefore'>,
  runSession: (context: SessionContext) => Promise<void>,
): Promise<void> {
  const { lease, progress, onError } = context;
  let failures = 0;
  let placeBefore = '';
  while (!isOver(lease)) {
    const error = await failureOf(() => runSession({ ...context, failuresBefore: failures }));
    if (error === undefined || kindOf(error) === 'fenced') return;
    const place = `${progress.handled} ${progress.position}`;
    failures = place === placeBefore ? failures + 1 : 1;
    placeBefore = place;
    if (failures === 1) onError(error);
    await waitBeforeNext(context, error, failures);
  }
}

async function failureOf(run: () => Promise<void>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

async function waitBeforeNext(
  context: Omit<SessionContext, 'failuresBefore'>,
  error: unknown,
  failures: number,
): Promise<void> {
  const { lease, progress, policy } = context;
  const diverged = error instanceof DivergedError;
  Object.assign(progress, {
    state: diverged ? 'diverged' : 'retrying',
    reason: describe(error),
    inFlight: 0,
  });
  const delayMs = diverged ? DIVERGED_RECHECK_MS : backoffMs(failures, policy.retryBaseMs, policy.retryCapMs);
  await pause(delayMs, lease.lost, lease.draining);
}
