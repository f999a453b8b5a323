import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { isTracing } from '@headrace/event-store';
import { createHeldStreams } from '../delivery/held-streams.ts';
import { ensureGroup } from '../delivery/redis-group.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { FencedError } from '../group/lease.ts';
import { applyPage, noteProgress } from './apply.ts';
import { careUntil } from './care.ts';
import { checkpointAt, divergenceOf, lossOf } from './divergence.ts';
import { createFollowers, type Followers, mirror } from './followers.ts';
import { resync } from './resync.ts';
import { runRetries } from './retries.ts';
import {
  noteStored,
  ownershipOf,
  storeCheckpoint,
  type TransactionalSession,
  type TransactionalWork,
} from './session-state.ts';
import type { Page } from './shared-pages.ts';
import type { Takeover } from './sink.ts';

const RETRIES_EVERY_MS = 500;
/** The same while nothing is parked: a request may have come too late, or been left by an owner before. */
const REST_MS = 30_000;
/** How soon an idle owner notices that the log has lost its end. */
const LOOK_AT_LOG_EVERY_MS = 2_000;
/** How soon an idle owner notices that its database was put back, or its group made to begin anew. */
const LOOK_EVERY_MS = 5_000;

/**
 * Works on one partition in transactional mode until the lease is lost or draining: each event's effect and
 * the checkpoint change together, once.
 */
export async function runTransactionalSession<Tx>(
  context: SessionContext,
  shared: TransactionalWork<Tx>,
): Promise<void> {
  const session = await takeOver(context, shared);
  try {
    await prepare(session);
    noteStored(session, session.storedEntryId);
    await work(session);
  } finally {
    shared.onStored(context.lease.partition, undefined);
    // when the database is away, the next owner takes this one for dead, and is careful for nothing
    await shared.sink.release(ownershipOf(session)).catch(() => undefined);
  }
}

async function work<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context } = session;
  const pages = createPages(session);
  const followers = createFollowers(session);
  const lookAround = createLookAround(session);
  const over = AbortSignal.any([context.lease.lost, context.lease.draining]);
  while (!isOver(context.lease)) {
    await lookAround.forRetries();
    const { events, isEnd, at } = await pages.next();
    if (events.length > 0) {
      await applyPage(session, events);
      followers.noteMove();
    }
    await followers.followWhenDue();
    // with care, a part of the page may have to be read again, for a batch
    if (!isEnd || !isAt(session, events)) continue;
    await lookAround.whetherStillThere();
    await idle(session, followers, at, over);
  }
  if (context.lease.lost.aborted) return;
  await storeCheckpoint(session);
  mirror(session, () => undefined);
}

/** What an owner looks after now and then. */
function createLookAround<Tx>(session: TransactionalSession<Tx>) {
  let retriesAt = 0;
  let restAt = 0;
  let lookAt = performance.now() + LOOK_EVERY_MS;
  return {
    forRetries: async (): Promise<void> => {
      const now = performance.now();
      if (now < (session.held.size() > 0 ? retriesAt : restAt)) return;
      await runRetries(session);
      retriesAt = performance.now() + RETRIES_EVERY_MS;
      restAt = performance.now() + REST_MS;
    },
    /** @throws FencedError */
    whetherStillThere: async (): Promise<void> => {
      if (performance.now() < lookAt) return;
      await assertStillThere(session);
      lookAt = performance.now() + LOOK_EVERY_MS;
    },
  };
}

/** Whether the session has come to the end of these events. */
function isAt<Tx>({ checkpoint }: TransactionalSession<Tx>, events: readonly EventEnvelope[]): boolean {
  const last = events.at(-1);
  return last === undefined || entryIdOf(last.position) === checkpoint.entryId;
}

/** The pages after the checkpoint; where there is more, it is on its way while a page is applied. */
function createPages<Tx>(session: TransactionalSession<Tx>): { next(): Promise<Page> } {
  const { context, pages } = session;
  const { partition } = context.lease;
  const { batchSize } = context.policy;
  let ahead: { readonly after: string; readonly page: Promise<Page> } | undefined;
  return {
    next: async () => {
      const { checkpoint } = session;
      const page = await (ahead !== undefined && ahead.after === checkpoint.entryId
        ? ahead.page
        : pages.after(partition, checkpoint, batchSize));
      ahead = undefined;
      const last = page.events.at(-1);
      if (last !== undefined && !page.isEnd) {
        const at = checkpointAt(last);
        ahead = { after: at.entryId, page: pages.after(partition, at, batchSize) };
        // told when it is asked for
        ahead.page.catch(() => undefined);
      }
      return page;
    },
  };
}

/**
 * Waits until there is something after what was read, or it is time to look; what falls due meanwhile follows.
 * @param at when the read that found nothing was asked for, by `performance.now()`
 */
async function idle<Tx>(
  { context, checkpoint, held }: TransactionalSession<Tx>,
  followers: Followers,
  at: number,
  over: AbortSignal,
): Promise<void> {
  const { lease, progress, wake, store } = context;
  Object.assign(progress, { state: 'idle', reason: undefined });
  const key = store.keys.log(lease.partition);
  const read = { entryId: checkpoint.entryId ?? '0-0', at };
  const until = performance.now() + (held.size() > 0 ? RETRIES_EVERY_MS : LOOK_AT_LOG_EVERY_MS);
  while (!over.aborted && performance.now() < until) {
    const dueAt = Math.min(until, followers.dueAt());
    const isNews = await wake.wait(key, read, over, Math.max(0, Math.ceil(dueAt - performance.now())));
    // one that gives up before it is time has been closed
    if (isNews || performance.now() + 1 < dueAt) return;
    await followers.followWhenDue();
  }
}

/**
 * An owner with nothing to do would not notice that its database is not where it left it.
 * @throws FencedError
 */
async function assertStillThere<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { sink, storedEntryId } = session;
  const owner = ownershipOf(session);
  const found = await sink.current(owner);
  if (found?.epoch !== owner.epoch || found.checkpoint.entryId !== storedEntryId)
    throw new FencedError('looking after the checkpoint');
}

async function takeOver<Tx>(
  context: SessionContext,
  shared: TransactionalWork<Tx>,
): Promise<TransactionalSession<Tx>> {
  const { lease, instance, policy } = context;
  const { sink } = shared;
  const { batchSize } = policy;
  const claim = (): Promise<Takeover> => sink.takeOver({ ...ownershipOf({ context }), instance, batchSize });
  let takeover = await claim();
  if (takeover.status === 'outdated') {
    await lease.raiseEpoch(takeover.epoch + 1);
    takeover = await claim();
    if (takeover.status === 'outdated') throw new FencedError('taking over');
  }
  const { checkpoint, suspect, carefulUntil } = takeover;
  return {
    ...shared,
    context,
    held: createHeldStreams(policy, context.progress, takeover),
    checkpoint,
    storedEntryId: checkpoint.entryId,
    care: carefulUntil === null ? null : await careUntil(carefulUntil, context),
    suspect,
    streak: createFailureStreak(policy),
    isTraced: isTracing(),
  };
}

/** @throws DivergedError unless an operator has decided what to do about it */
async function prepare<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { redis, store, lease, group } = session.context;
  await ensureGroup(redis, store.keys.log(lease.partition), group);
  const { checkpoint, handler } = session;
  const diverged = await divergenceOf(store, lease.partition, checkpoint);
  const lost =
    handler.isRepeatable === false ? await lossOf(session.context, lease.partition, checkpoint) : null;
  await resync(session, diverged, lost);
  noteProgress(session);
  // the owner before may have died between its commit and the mirror, and nothing may come for a long time
  mirror(session, session.context.onError);
}
