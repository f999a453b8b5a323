import { formatPosition } from '@headrace/event-schema';
import type { RawEntry } from '@headrace/event-store';
import { pause } from '../delivery/backoff.ts';
import { describe } from '../delivery/failures.ts';
import { handlePersistently } from '../delivery/handling.ts';
import { createLanes } from '../delivery/lanes.ts';
import { ensureGroup, isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { createGroupState, type GroupState, type ParkedRecord } from './group-state.ts';
import type { Inbox } from './inbox.ts';
import { createRequestRunner } from './requests.ts';

/** Buffered entries for each that is being handled: enough to keep all lanes busy, little to hand back. */
const BUFFER_FACTOR = 4;
const REQUESTS_EVERY_MS = 500;
const FULL_RETRY_MS = 1_000;

/**
 * Works on one partition in acknowledged mode until the lease is lost or draining: at least once, nothing
 * acknowledged before its effect, each sequence in order.
 */
export async function runAcknowledgedSession<Message>(context: SessionContext, inbox: Inbox<Message>): Promise<void> {
  const { lease, progress, policy, redis } = context;
  const key = inbox.key(lease.partition);
  await ensureGroup(redis, key, context.group);
  const state = createGroupState(context, key, inbox.removeWhenDone);
  const blocked = await state.blockedStreams();
  const worker = createWorker(context, inbox, state, blocked);
  await worker.recover();
  const runRequests = createRequestRunner(context, inbox, state, blocked);
  const lanes = createLanes(policy.concurrency);
  const buffered = policy.concurrency * BUFFER_FACTOR;
  let requestsAt = 0;
  let last = progress.position === null ? '0' : progress.position.slice(progress.position.indexOf('-') + 1);
  try {
    while (!isOver(lease)) {
      if (blocked.size > 0 && performance.now() >= requestsAt) {
        await lanes.until(1);
        await runRequests();
        requestsAt = performance.now() + REQUESTS_EVERY_MS;
      }
      const entries = await state.fetch(buffered - lanes.size());
      progress.inFlight = lanes.size() + entries.length;
      for (const entry of entries) {
        last = entry[0];
        const message = inbox.decode(lease.partition, entry[0], entry[1] ?? []);
        lanes.add(inbox.sequenceOf(message), () => worker.work(entry[0], message, false));
      }
      if (entries.length > 0) progress.state = progress.state === 'retrying' ? 'retrying' : 'running';
      else if (lanes.size() === 0) await idle(context, key, last);
      if (lanes.size() > 0) await lanes.until(entries.length === 0 ? lanes.size() : Math.max(1, buffered / 2));
    }
    await lanes.until(1);
  } finally {
    await worker.flush();
  }
}

async function idle(context: SessionContext, key: string, last: string): Promise<void> {
  const { lease, progress, wake } = context;
  progress.state = 'idle';
  progress.inFlight = 0;
  await wake.wait(key, last, AbortSignal.any([lease.lost, lease.draining]));
}

interface Worker<Message> {
  /** Handles, one at a time, what an earlier holder left behind; counts attempts so that a crash convicts only its cause. */
  recover(): Promise<void>;
  work(entryId: string, message: Message, redelivered: boolean): Promise<void>;
  flush(): Promise<void>;
}

function createWorker<Message>(
  context: SessionContext,
  inbox: Inbox<Message>,
  state: GroupState,
  blocked: Set<string>,
): Worker<Message> {
  const { lease, progress, policy, totals } = context;
  const streak = createFailureStreak(policy.systemicStreams);
  const acknowledgements = createAcknowledgements(state.acknowledge);

  async function work(entryId: string, message: Message, redelivered: boolean): Promise<void> {
    const sequence = inbox.sequenceOf(message);
    if (blocked.has(sequence)) return await park(entryId, message, 'blocked', null, 0);
    if (inbox.wants(message)) {
      const unreadable = inbox.unreadable(message);
      if (unreadable !== undefined) return await park(entryId, message, 'unreadable', unreadable, 0);
      const delivery = { signal: lease.lost, redelivered };
      const handled = await handlePersistently(context, streak, sequence, () => inbox.handle(message, delivery));
      if (handled.status === 'poison') return await park(entryId, message, 'poison', handled.error, handled.attempts);
      totals.handled += 1;
    }
    acknowledgements.add(entryId);
    progress.position = formatPosition(lease.partition, entryId);
  }

  async function park(entryId: string, message: Message, cause: ParkedRecord['cause'], error: unknown, attempts: number): Promise<void> {
    totals.parked += 1;
    if (inbox.bury !== undefined) {
      await inbox.bury(message, error);
      acknowledgements.add(entryId);
      return;
    }
    const sequence = inbox.sequenceOf(message);
    const record: ParkedRecord = {
      entryId,
      cause,
      error: error === null ? null : describe(error),
      attempts,
      instance: context.instance,
      parkedAt: new Date().toISOString(),
    };
    while ((await state.park(sequence, record)) === 'full') {
      Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
      await pause(FULL_RETRY_MS, lease.lost, lease.draining);
      if (isOver(lease)) return;
    }
    blocked.add(sequence);
    progress.blockedStreams = blocked.size;
  }

  async function recoverOne(entry: RawEntry, attempts: number): Promise<void> {
    const [entryId, fields] = entry;
    const message = inbox.decode(lease.partition, entryId, fields ?? []);
    if (attempts >= policy.maxCrashes && !blocked.has(inbox.sequenceOf(message))) {
      const error = new Error(`the process died ${attempts} times while handling this`);
      await park(entryId, message, 'poison', error, attempts);
      return;
    }
    await state.beginAttempt(entryId);
    await work(entryId, message, true);
    // acknowledged one by one: the count of attempts goes with it
    await acknowledgements.flush();
  }

  return {
    work,
    flush: acknowledgements.flush,
    recover: async () => {
      progress.blockedStreams = blocked.size;
      for (const { entry, attempts } of await state.claimAll()) {
        if (isOver(lease)) return;
        await recoverOne(entry, attempts);
      }
    },
  };
}
