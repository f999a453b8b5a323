import type { ParkedEvent } from '../dead-letters/parked-event.ts';
import { pause } from '../delivery/backoff.ts';
import { isOver } from '../delivery/session-context.ts';
import { FencedError } from '../errors.ts';
import type { PagePlan } from './page-plan.ts';
import { runRetries } from './transactional-retries.ts';
import type { TransactionalSession } from './transactional-session.ts';

const FULL_RETRY_MS = 1_000;

/**
 * Waits, visibly, while the bounds on dead letters leave no room for what a plan parks.
 * @param again makes the plan anew: a stream that was freed meanwhile must not have an event parked as blocked
 * @throws FencedError when the lease ends meanwhile
 */
export async function planWithRoom<Tx>(
  session: TransactionalSession<Tx>,
  first: PagePlan,
  again: () => PagePlan,
): Promise<PagePlan> {
  const { lease, progress } = session.context;
  let plan = first;
  while (!(await hasRoom(session, plan.park))) {
    Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
    await pause(FULL_RETRY_MS, lease.lost, lease.draining);
    if (isOver(lease)) throw new FencedError('waiting for room');
    await runRetries(session);
    plan = again();
  }
  return plan;
}

async function hasRoom<Tx>(
  { context, shared, blocked }: TransactionalSession<Tx>,
  park: readonly ParkedEvent[],
): Promise<boolean> {
  const { policy, lease, group } = context;
  const partition = { group, partition: lease.partition };
  for (const stream of new Set(park.map((event) => event.stream))) {
    // one batch may exceed a bound: the bound is there so that it ends somewhere
    const isFull = blocked.has(stream)
      ? (await shared.sink.parkedOf(partition, stream)).length >= policy.maxParkedPerStream
      : blocked.size >= policy.maxBlockedStreams;
    if (isFull) return false;
  }
  return true;
}
