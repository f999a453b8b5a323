import { PAGE_LIMITS, type RawEntry } from '@headrace/event-store';
import { pause } from '../delivery/backoff.ts';
import { describe } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { handlePersistently } from '../delivery/handling.ts';
import { createLanes, type Lanes } from '../delivery/lanes.ts';
import { ensureGroup, groupInfo } from '../delivery/redis-group.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { partOf } from '../group/lease.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { createGroupState, type GroupState, type ParkedRecord } from './group-state.ts';
import { handleHeld, type Inbox } from './inbox.ts';
import { createRequestRunner } from './requests.ts';

const REQUESTS_EVERY_MS = 500;
const FULL_RETRY_MS = 1_000;
/** Several pages, so that one slow stream with large messages does not soon keep the others waiting. */
const IN_HAND_CHARACTERS = 4 * PAGE_LIMITS.bytes;

/**
 * Works on one partition in acknowledged mode until the lease is lost or draining: at least once, nothing
 * acknowledged before its effect, each sequence in order. When it fails, everything it had begun has settled: the
 * next session would handle the same entries beside it.
 */
export async function runAcknowledgedSession<Message>(
  holding: SessionContext,
  inbox: Inbox<Message>,
): Promise<void> {
  const ended = new AbortController();
  const context = { ...holding, lease: partOf(holding.lease, ended.signal) };
  const { lease, redis } = context;
  const key = inbox.key(lease.partition);
  await ensureGroup(redis, key, context.group);
  const state = createGroupState(context, key, inbox.removeWhenDone);
  const blocked = await state.blockedStreams();
  const runRequests = createRequestRunner(context, inbox, state, blocked);
  const worker = createWorker({ context, inbox, state, blocked, runRequests });
  await worker.recover();
  const lanes = createLanes(context.policy.concurrency);
  try {
    const feeding = { context, inbox, state, worker, lanes, key, inHand: { size: 0 } };
    await feedLanes(feeding, blocked, runRequests);
  } catch (error) {
    ended.abort();
    await lanes.close();
    await worker.flush().catch(context.onError);
    throw error;
  }
  await worker.flush();
}

async function feedLanes<Message>(
  feeding: Feeding<Message>,
  blocked: ReadonlySet<string>,
  runRequests: () => Promise<void>,
): Promise<void> {
  const { context, lanes, worker } = feeding;
  let requestsAt = 0;
  while (!isOver(context.lease)) {
    worker.requireAcknowledged();
    if (blocked.size > 0 && performance.now() >= requestsAt) {
      await lanes.until(1);
      await runRequests();
      requestsAt = performance.now() + REQUESTS_EVERY_MS;
    }
    await fetchIntoLanes(feeding, blocked.size > 0 ? REQUESTS_EVERY_MS : undefined);
  }
  await lanes.until(1);
}

interface Feeding<Message> {
  readonly context: SessionContext;
  readonly inbox: Inbox<Message>;
  readonly state: GroupState;
  readonly worker: Worker<Message>;
  readonly lanes: Lanes;
  readonly key: string;
  /** Of the values of all entries in the lanes, as characters. */
  readonly inHand: { size: number };
}

/** @param patienceMs how long to wait for news at most; undefined: as long as the wake does */
async function fetchIntoLanes<Message>(
  feeding: Feeding<Message>,
  patienceMs: number | undefined,
): Promise<void> {
  const { context, inbox, state, worker, lanes, inHand } = feeding;
  const { lease, progress, policy } = context;
  while (inHand.size >= IN_HAND_CHARACTERS) await lanes.until(lanes.size());
  // what a draining holder took would have to be recovered by the next one, one by one
  const fetch = async (): ReturnType<GroupState['fetch']> =>
    isOver(lease) ? [] : await state.fetch(policy.batchSize - lanes.size());
  const at = performance.now();
  const entries = await processGate.shared(fetch);
  for (const [entryId, fields] of entries) {
    const message = inbox.decode(lease.partition, entryId, fields ?? []);
    const size = sizeOf(fields ?? []);
    inHand.size += size;
    const work = async (): Promise<void> => {
      try {
        // what has not begun when the lease ends stays pending, for the next owner
        if (!isOver(lease)) await worker.work(entryId, message);
      } finally {
        inHand.size -= size;
      }
    };
    lanes.add(inbox.sequenceOf(message), work);
  }
  progress.inFlight = lanes.size();
  if (entries.length === 0) return await settledOrGrown(feeding, at, patienceMs);
  if (progress.state !== 'retrying') progress.state = 'running';
  await lanes.until(Math.max(1, policy.batchSize / 2));
}

function sizeOf(fields: readonly string[]): number {
  let size = 0;
  for (let i = 1; i < fields.length; i += 2) size += fields[i]?.length ?? 0;
  return size;
}

/** Resolves when something in flight has settled, or the Redis stream has grown since a read `at` some time. */
async function settledOrGrown<Message>(
  { context, lanes, key }: Feeding<Message>,
  at: number,
  patienceMs: number | undefined,
): Promise<void> {
  const { lease, progress, wake, redis, group } = context;
  const entryId = (await groupInfo(redis, key, group))?.lastDeliveredId ?? '0-0';
  if (lanes.size() === 0) progress.state = 'idle';
  const settled = new AbortController();
  const end = AbortSignal.any([lease.lost, lease.draining, settled.signal]);
  const grown = wake.wait(key, { entryId, at }, end, patienceMs);
  if (lanes.size() === 0) {
    await grown;
    return;
  }
  const oneLess = lanes.until(lanes.size());
  // a failure that comes after the race is remembered by the lanes and told next time
  oneLess.catch(() => undefined);
  try {
    await Promise.race([oneLess, grown]);
  } finally {
    settled.abort();
  }
}

interface Worker<Message> {
  /** Handles, one at a time, what an earlier holder left behind; counts attempts so that a crash convicts only its cause. */
  recover(): Promise<void>;
  work(entryId: string, message: Message): Promise<void>;
  /** @throws what an acknowledgement failed with */
  requireAcknowledged(): void;
  flush(): Promise<void>;
}

interface Workplace<Message> {
  readonly context: SessionContext;
  readonly inbox: Inbox<Message>;
  readonly state: GroupState;
  readonly blocked: Set<string>;
  readonly runRequests: () => Promise<void>;
}

function createWorker<Message>(workplace: Workplace<Message>): Worker<Message> {
  const { context, inbox, state, blocked, runRequests } = workplace;
  const { lease, progress, policy, totals } = context;
  const streak = createFailureStreak(policy.systemicStreams);
  const acknowledgements = createAcknowledgements((entryIds) =>
    processGate.shared(() => state.acknowledge(entryIds)),
  );

  async function work(entryId: string, message: Message, attempt: () => Promise<void>): Promise<void> {
    if (inbox.wants(message)) {
      const sequence = inbox.sequenceOf(message);
      if (blocked.has(sequence)) return await park(entryId, message, 'blocked', null, 0);
      const unreadable = inbox.unreadable(message);
      if (unreadable !== undefined) return await park(entryId, message, 'unreadable', unreadable, 0);
      const handled = await handlePersistently(context, streak, sequence, attempt);
      if (handled.status === 'poison')
        return await park(entryId, message, 'poison', handled.error, handled.attempts);
      totals.handled += 1;
    }
    acknowledgements.add(entryId);
  }

  async function park(
    entryId: string,
    message: Message,
    cause: ParkedRecord['cause'],
    error: unknown,
    attempts: number,
  ): Promise<void> {
    if (inbox.bury !== undefined) {
      await inbox.bury(message, error);
      acknowledgements.add(entryId);
      return report(message, cause, error, attempts);
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
    while ((await processGate.shared(() => state.park(sequence, record))) === 'full') {
      Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
      await pause(FULL_RETRY_MS, lease.lost, lease.draining);
      // parked again by the next owner: nothing is acknowledged yet
      if (isOver(lease)) return;
      await runRequests();
    }
    if (progress.state === 'paused') Object.assign(progress, { state: 'running', reason: undefined });
    blocked.add(sequence);
    progress.blockedStreams = blocked.size;
    report(message, cause, error, attempts);
  }

  function report(message: Message, cause: ParkedRecord['cause'], error: unknown, attempts: number): void {
    totals.parked += 1;
    if (cause === 'blocked') return;
    context.onParked({ ...inbox.factsOf(message), group: context.group, cause, error, attempts });
  }

  async function recoverOne(entry: RawEntry, attempts: number): Promise<void> {
    const [entryId, fields] = entry;
    const message = inbox.decode(lease.partition, entryId, fields ?? []);
    if (attempts >= policy.maxCrashes && !blocked.has(inbox.sequenceOf(message))) {
      const error = new Error(`the process died ${attempts} times while handling this`);
      await park(entryId, message, 'poison', error, attempts);
      return;
    }
    // a first suspicion may be about another partition's event: a second one is made sure of
    let isSuspect = attempts > 0;
    const attempt = async (): Promise<void> => {
      const pass = isSuspect ? processGate.alone : processGate.shared;
      // what it survives once may take its time
      isSuspect = false;
      // over before anything else goes on: neither a death from then on nor an outage may be laid to this entry
      await pass(() => state.attempt(entryId, () => handleHeld(lease, inbox, message, true)));
    };
    await work(entryId, message, attempt);
    await acknowledgements.flush();
  }

  return {
    work: (entryId, message) =>
      work(entryId, message, () => processGate.shared(() => handleHeld(lease, inbox, message, false))),
    requireAcknowledged: acknowledgements.requireNoFailure,
    flush: acknowledgements.flush,
    recover: async () => {
      progress.blockedStreams = blocked.size;
      for await (const { entry, attempts } of state.claimAll()) {
        if (isOver(lease)) return;
        await recoverOne(entry, attempts);
      }
    },
  };
}
