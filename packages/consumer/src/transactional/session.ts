import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { isTracing, runScript } from '@headrace/event-store';
import { ensureGroup } from '../delivery/redis-group.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { FencedError } from '../group/lease.ts';
import { scripts } from '../scripts/index.ts';
import { applyPage, noteProgress } from './apply.ts';
import { careFrom } from './care.ts';
import { divergenceOf } from './divergence.ts';
import { readPage } from './read-page.ts';
import { runSinkRequests } from './requests.ts';
import { resync } from './resync.ts';
import {
  ownershipOf,
  storeCheckpoint,
  type TransactionalHandler,
  type TransactionalSession,
} from './session-state.ts';
import type { Takeover, TransactionalSink } from './sink.ts';

const REQUESTS_EVERY_MS = 500;
/** How soon an idle owner notices that its database was put back, or its group made to begin anew. */
const LOOK_EVERY_MS = 5_000;
/** How long the sink's checkpoint, after events that nothing is done about, and the mirror may stay behind. */
const CATCH_UP_MS = 100;

/**
 * Works on one partition in transactional mode until the lease is lost or draining: each event's effect and
 * the checkpoint change together, once.
 */
export async function runTransactionalSession<Tx>(
  context: SessionContext,
  sink: TransactionalSink<Tx>,
  handler: TransactionalHandler<Tx>,
): Promise<void> {
  const session = await takeOver(context, sink, handler);
  try {
    await prepare(session);
    await work(session);
  } finally {
    // when the database is away, the next owner takes this one for dead, and is careful for nothing
    await sink.release(ownershipOf(session), session.care !== null).catch(() => undefined);
  }
}

async function work<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context } = session;
  const pages = createPages(session);
  let requestsAt = 0;
  let lookAt = performance.now() + LOOK_EVERY_MS;
  const sinkAndMirror = createFollowers(session);
  while (!isOver(context.lease)) {
    if (session.blocked.size > 0 && performance.now() >= requestsAt) {
      await runSinkRequests(session);
      requestsAt = performance.now() + REQUESTS_EVERY_MS;
    }
    const page = await pages.next();
    if (page.length > 0) {
      await applyPage(session, page);
      sinkAndMirror.noteMove();
    }
    await sinkAndMirror.followWhenDue();
    if (page.length > 0) continue;
    if (performance.now() >= lookAt) {
      await assertStillThere(session);
      lookAt = performance.now() + LOOK_EVERY_MS;
    }
    await idle(session, sinkAndMirror.dueAt());
  }
  if (context.lease.lost.aborted) return;
  await storeCheckpoint(session);
  mirror(session, () => undefined);
}

interface Followers {
  noteMove(): void;
  /** By `performance.now()`; infinite while nothing is behind. */
  dueAt(): number;
  followWhenDue(): Promise<void>;
}

/** The sink's checkpoint and the mirror, which follow the session a little later, so that they do so less often. */
function createFollowers<Tx>(session: TransactionalSession<Tx>): Followers {
  let dueAt = Number.POSITIVE_INFINITY;
  return {
    noteMove: () => {
      dueAt = Math.min(dueAt, performance.now() + CATCH_UP_MS);
    },
    dueAt: () => dueAt,
    followWhenDue: async () => {
      if (performance.now() < dueAt) return;
      await storeCheckpoint(session);
      mirror(session, session.context.onError);
      dueAt = Number.POSITIVE_INFINITY;
    },
  };
}

/** The pages after the checkpoint; a full one's successor is on its way while it is applied. */
function createPages<Tx>(session: TransactionalSession<Tx>): { next(): Promise<readonly EventEnvelope[]> } {
  const { context } = session;
  let ahead: { readonly after: string; readonly page: Promise<readonly EventEnvelope[]> } | undefined;
  return {
    next: async () => {
      const { checkpoint } = session;
      const page = await (ahead !== undefined && ahead.after === checkpoint.entryId
        ? ahead.page
        : readPage(context, checkpoint));
      ahead = undefined;
      const last = page.at(-1);
      if (last !== undefined && page.length === context.policy.batchSize) {
        const entryId = entryIdOf(last.position);
        ahead = { after: entryId, page: readPage(context, { ...last, entryId }) };
        // told when it is asked for
        ahead.page.catch(() => undefined);
      }
      return page;
    },
  };
}

/** @param until when there is something else to do, by `performance.now()` */
async function idle<Tx>(
  { context, checkpoint, blocked }: TransactionalSession<Tx>,
  until: number,
): Promise<void> {
  const { lease, progress, wake, store } = context;
  progress.state = 'idle';
  const ends = [lease.lost, lease.draining];
  const patienceMs = Math.min(
    blocked.size > 0 ? REQUESTS_EVERY_MS : Number.POSITIVE_INFINITY,
    Math.max(0, Math.ceil(until - performance.now())),
  );
  if (Number.isFinite(patienceMs)) ends.push(AbortSignal.timeout(patienceMs));
  await wake.wait(store.keys.log(lease.partition), checkpoint.entryId ?? '0', AbortSignal.any(ends));
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
  sink: TransactionalSink<Tx>,
  handler: TransactionalHandler<Tx>,
): Promise<TransactionalSession<Tx>> {
  const { lease, instance, policy } = context;
  const claim = (): Promise<Takeover> => sink.takeOver({ ...ownershipOf({ context }), instance });
  let takeover = await claim();
  if (takeover.status === 'outdated') {
    await lease.raiseEpoch(takeover.epoch + 1);
    takeover = await claim();
    if (takeover.status === 'outdated') throw new FencedError('taking over');
  }
  const { checkpoint, suspect, careful } = takeover;
  return {
    context,
    sink,
    handler,
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

/** The Redis group's cursor is only a mirror: it follows after the commit, and failing to move it changes nothing. */
function mirror<Tx>(
  { context, checkpoint }: TransactionalSession<Tx>,
  onError: (error: unknown) => void,
): void {
  const { redis, lease, store, group } = context;
  if (checkpoint.entryId === null) return;
  const args = [lease.epoch, group, checkpoint.entryId, checkpoint.handledEntries];
  runScript(redis, scripts.mirror, [lease.key, store.keys.log(lease.partition)], args).catch(onError);
}
