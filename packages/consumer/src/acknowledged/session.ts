import { PAGE_LIMITS, type RawEntry } from '@headrace/event-store';
import { processGate } from '../delivery/gate.ts';
import { noteSuccess } from '../delivery/handling.ts';
import { createHeldStreams } from '../delivery/held-streams.ts';
import { createLanes } from '../delivery/lanes.ts';
import { ensureGroup, groupInfo } from '../delivery/redis-group.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { partOf } from '../group/lease.ts';
import { createGroupState } from './group-state.ts';
import type { Inbox } from './inbox.ts';
import { createRetries, LOOK_EVERY_MS, REST_MS, type Retries } from './retries.ts';
import { createWorker, type Worker } from './worker.ts';
import type { Workplace } from './workplace.ts';

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
  const key = inbox.key(context.lease.partition);
  await ensureGroup(context.redis, key, context.group);
  const workplace = await openWorkplace(context, inbox, key);
  const { lanes } = workplace;
  const retries = createRetries(workplace);
  const worker = createWorker(workplace, retries);
  try {
    const feeding = { ...workplace, retries, worker, key, inHand: { size: 0 } };
    await recover(feeding);
    await feedLanes(feeding);
  } catch (error) {
    ended.abort();
    await lanes.close();
    await worker.flush().catch(context.onError);
    throw error;
  }
  await worker.flush();
}

async function openWorkplace<Message>(
  context: SessionContext,
  inbox: Inbox<Message>,
  key: string,
): Promise<Workplace<Message>> {
  const { policy, progress } = context;
  const state = createGroupState(context, key, inbox.removeWhenDone);
  const known = { blocked: await state.blockedStreams(), deferred: await state.deferredStreams() };
  const held = createHeldStreams(policy, progress, known);
  const lanes = createLanes(policy.concurrency);
  const streak = createFailureStreak(policy);
  const noteHandled = (): void => {
    if (!noteSuccess(context, streak, 1)) return;
    lanes.wake();
    held.makeDue();
  };
  return { context, inbox, state, held, lanes, streak, noteHandled };
}

interface Feeding<Message> extends Workplace<Message> {
  readonly retries: Retries;
  readonly worker: Worker<Message>;
  readonly key: string;
  /** Of the values of all entries in the lanes, as characters. */
  readonly inHand: { size: number };
}

/** What earlier holders left behind comes first. */
async function recover<Message>(feeding: Feeding<Message>): Promise<void> {
  const { context, state, worker, retries } = feeding;
  for await (const { entry, attempts } of state.claimAll()) {
    while (!isOver(context.lease) && !hasRoom(feeding)) {
      worker.requireAcknowledged();
      await retries.addDue();
      await untilRoom(feeding);
    }
    if (isOver(context.lease)) return;
    add(feeding, entry, (entryId, message) => worker.recover(entryId, message, attempts));
  }
}

async function feedLanes<Message>(feeding: Feeding<Message>): Promise<void> {
  const { context, lanes, worker, retries } = feeding;
  while (!isOver(context.lease)) {
    worker.requireAcknowledged();
    await retries.addDue();
    if (hasRoom(feeding)) await fetchIntoLanes(feeding);
    else await untilRoom(feeding);
  }
  await lanes.until(1);
}

/** Half of what may be in hand is fetched at once, so that calls are few. */
function halfOf({ policy }: SessionContext): number {
  return Math.max(1, policy.batchSize / 2);
}

function hasRoom<Message>({ context, lanes, inHand }: Feeding<Message>): boolean {
  return lanes.size() < halfOf(context) && inHand.size < IN_HAND_CHARACTERS;
}

async function untilRoom<Message>({ context, lanes, inHand }: Feeding<Message>): Promise<void> {
  const below = inHand.size < IN_HAND_CHARACTERS ? halfOf(context) : lanes.size();
  await lanes.until(below, LOOK_EVERY_MS);
}

async function fetchIntoLanes<Message>(feeding: Feeding<Message>): Promise<void> {
  const { context, state, worker, lanes } = feeding;
  const { lease, progress, policy } = context;
  // what a draining holder took would have to be recovered by the next one
  const fetch = async (): Promise<readonly RawEntry[]> =>
    isOver(lease) ? [] : await state.fetch(policy.batchSize - lanes.size());
  const at = performance.now();
  const entries = await processGate.shared(fetch);
  for (const entry of entries) add(feeding, entry, worker.work);
  progress.inFlight = lanes.size();
  if (entries.length === 0) return await settledOrGrown(feeding, at);
  if (progress.state === 'starting' || progress.state === 'idle') progress.state = 'running';
}

function add<Message>(
  { context, inbox, lanes, inHand }: Feeding<Message>,
  [entryId, fields]: RawEntry,
  work: (entryId: string, message: Message) => Promise<void>,
): void {
  const message = inbox.decode(context.lease.partition, entryId, fields ?? []);
  const size = sizeOf(fields ?? []);
  inHand.size += size;
  lanes.add(inbox.sequenceOf(message), async () => {
    try {
      // what has not begun when the lease ends stays pending, for the next owner
      if (!isOver(context.lease)) await work(entryId, message);
    } finally {
      inHand.size -= size;
    }
  });
}

function sizeOf(fields: readonly string[]): number {
  let size = 0;
  for (let i = 1; i < fields.length; i += 2) size += fields[i]?.length ?? 0;
  return size;
}

/** Resolves when something in flight has settled, the Redis stream has grown since a read `at` some time, or it is time to look. */
async function settledOrGrown<Message>(
  { context, held, lanes, key }: Feeding<Message>,
  at: number,
): Promise<void> {
  const { lease, progress, wake, redis, group } = context;
  const entryId = (await groupInfo(redis, key, group))?.lastDeliveredId ?? '0-0';
  if (lanes.size() === 0) Object.assign(progress, { state: 'idle', reason: undefined });
  const settled = new AbortController();
  const end = AbortSignal.any([lease.lost, lease.draining, settled.signal]);
  const patienceMs = held.size() > 0 ? LOOK_EVERY_MS : REST_MS;
  const grown = wake.wait(key, { entryId, at }, end, patienceMs);
  if (lanes.size() === 0) {
    await grown;
    return;
  }
  const oneLess = lanes.until(lanes.size(), LOOK_EVERY_MS);
  // a failure that comes after the race is remembered by the lanes and told next time
  oneLess.catch(() => undefined);
  try {
    await Promise.race([oneLess, grown]);
  } finally {
    settled.abort();
  }
}
