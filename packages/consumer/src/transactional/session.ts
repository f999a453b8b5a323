import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { isTracing } from '@headrace/event-store';
import { ensureGroup } from '../delivery/redis-group.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { FencedError } from '../group/lease.ts';
import { applyPage, noteProgress } from './apply.ts';
import { careFrom } from './care.ts';
import { checkpointAt, divergenceOf } from './divergence.ts';
import { createFollowers, mirror } from './followers.ts';
import { runSinkRequests } from './requests.ts';
import { resync } from './resync.ts';
import {
  ownershipOf,
  storeCheckpoint,
  type TransactionalSession,
  type TransactionalWork,
} from './session-state.ts';
import type { Page } from './shared-pages.ts';
import type { Takeover } from './sink.ts';

const REQUESTS_EVERY_MS = 500;
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
    await work(session);
  } finally {
    // when the database is away, the next owner takes this one for dead, and is careful for nothing
    await shared.sink.release(ownershipOf(session), session.care !== null).catch(() => undefined);
  }
}

async function work<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context } = session;
  const pages = createPages(session);
  const followers = createFollowers(session);
  const lookAround = createLookAround(session);
  const over = AbortSignal.any([context.lease.lost, context.lease.draining]);
  while (!isOver(context.lease)) {
    if (session.blocked.size > 0) await lookAround.forRequests();
    const { events, isEnd, at } = await pages.next();
    if (events.length > 0) {
      await applyPage(session, events);
      followers.noteMove();
    }
    await followers.followWhenDue();
    // with care, a part of the page may have to be read again, for a batch
    if (!isEnd || !isAt(session, events)) continue;
    await lookAround.whetherStillThere();
    await idle(session, at, Math.max(0, followers.dueAt() - performance.now()), over);
  }
  if (context.lease.lost.aborted) return;
  await storeCheckpoint(session);
  mirror(session, () => undefined);
}

/** What an owner looks after now and then. */
function createLookAround<Tx>(session: TransactionalSession<Tx>) {
  let requestsAt = 0;
  let lookAt = performance.now() + LOOK_EVERY_MS;
  return {
    forRequests: async (): Promise<void> => {
      if (performance.now() < requestsAt) return;
      await runSinkRequests(session);
      requestsAt = performance.now() + REQUESTS_EVERY_MS;
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
 * @param at when the read that found nothing was asked for, by `performance.now()`
 * @param forMs until there is something else to do
 */
async function idle<Tx>(
  { context, checkpoint, blocked }: TransactionalSession<Tx>,
  at: number,
  forMs: number,
  over: AbortSignal,
): Promise<void> {
  const { lease, progress, wake, store } = context;
  progress.state = 'idle';
  const read = { entryId: checkpoint.entryId ?? '0-0', at };
  const patienceMs = blocked.size > 0 ? Math.min(REQUESTS_EVERY_MS, forMs) : forMs;
  await wake.wait(store.keys.log(lease.partition), read, over, patienceMs);
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
  const claim = (): Promise<Takeover> => sink.takeOver({ ...ownershipOf({ context }), instance });
  let takeover = await claim();
  if (takeover.status === 'outdated') {
    await lease.raiseEpoch(takeover.epoch + 1);
    takeover = await claim();
    if (takeover.status === 'outdated') throw new FencedError('taking over');
  }
  const { checkpoint, suspect, careful } = takeover;
  return {
    ...shared,
    context,
    blocked: new Set(takeover.blocked),
    checkpoint,
    storedEntryId: checkpoint.entryId,
    care: careful ? await careFrom(context) : null,
    suspect,
    streak: createFailureStreak(policy.systemicStreams),
    isTraced: isTracing(),
  };
}

/** @throws DivergedError unless an operator has decided what to do about it */
async function prepare<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { redis, store, lease, group } = session.context;
  await ensureGroup(redis, store.keys.log(lease.partition), group);
  await resync(session, await divergenceOf(store, lease.partition, session.checkpoint));
  noteProgress(session);
  // the owner before may have died between its commit and the mirror, and nothing may come for a long time
  mirror(session, session.context.onError);
}
