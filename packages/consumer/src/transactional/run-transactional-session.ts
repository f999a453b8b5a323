import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { lastEntryId } from '@headrace/event-store';
import { kindOf } from '../delivery/failure-kind.ts';
import { isOver, type SessionContext } from '../delivery/session-context.ts';
import { DivergedError, FencedError } from '../errors.ts';
import { ensureGroup } from '../group/redis-group.ts';
import { applyPage } from './apply-page.ts';
import { CheckpointPublisher, mirror } from './checkpoint-publisher.ts';
import { divergenceOf, lossOf } from './divergence.ts';
import { PageReader } from './page-reader.ts';
import { PeriodicChecks, RETRIES_EVERY_MS } from './periodic-checks.ts';
import { resync } from './resync.ts';
import { ownershipOf, TransactionalSession, type TransactionalWork } from './transactional-session.ts';
import type { Takeover } from './transactional-sink.ts';

/** How soon an idle owner notices that the log has lost its end. */
const READ_LOG_EVERY_MS = 2_000;

/**
 * Works on one partition in transactional mode until the lease is lost or draining: each event's effect and
 * the checkpoint change together, once.
 */
export async function runTransactionalSession<Tx>(
  context: SessionContext,
  shared: TransactionalWork<Tx>,
): Promise<void> {
  try {
    await runSession(await takeOver(context, shared));
  } catch (error) {
    // what it was at is tried again by the next session
    if (kindOf(error) !== 'fenced' && !(error instanceof DivergedError)) context.totals.retried += 1;
    throw error;
  }
}

async function runSession<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context, shared, ownership } = session;
  try {
    await prepare(session);
    await work(session);
  } finally {
    shared.onStored(context.lease.partition, undefined);
    // when the database is away, the next owner takes this one for dead, and recovers without need
    await shared.sink.release(ownership).catch(() => undefined);
  }
}

async function work<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { lease } = session.context;
  const pages = new PageReader(session);
  const publisher = new CheckpointPublisher(session);
  const checks = new PeriodicChecks(session);
  const over = AbortSignal.any([lease.lost, lease.draining]);
  while (!isOver(lease)) {
    await checks.retries();
    const { events, isEnd, at } = await pages.next();
    if (events.length > 0) {
      await applyPage(session, events);
      publisher.noteMove();
    }
    await publisher.publishWhenDue();
    // at the end of a recovery, a part of the page is read again, for a batch
    if (!isEnd || !hasApplied(session, events)) continue;
    await checks.checkpoint();
    await idle(session, publisher, at, over);
  }
  if (lease.lost.aborted) return;
  await session.storeCheckpoint();
  mirror(session, () => undefined);
}

/** Whether the session has come to the end of these events. */
function hasApplied<Tx>({ checkpoint }: TransactionalSession<Tx>, events: readonly EventEnvelope[]): boolean {
  const last = events.at(-1);
  return last === undefined || entryIdOf(last.position) === checkpoint.entryId;
}

/**
 * Waits until there is something after what was read, or it is time for the checks; publishes what is due meanwhile.
 * @param at when the read that found nothing was asked for, by `performance.now()`
 */
async function idle<Tx>(
  { context, checkpoint, blocked }: TransactionalSession<Tx>,
  publisher: CheckpointPublisher<Tx>,
  at: number,
  over: AbortSignal,
): Promise<void> {
  const { lease, progress, wake, store } = context;
  Object.assign(progress, { state: 'idle', reason: undefined });
  const key = store.keys.log(lease.partition);
  const read = { entryId: checkpoint.entryId ?? '0-0', at };
  const until = performance.now() + (blocked.size > 0 ? RETRIES_EVERY_MS : READ_LOG_EVERY_MS);
  while (!over.aborted && performance.now() < until) {
    const dueAt = Math.min(until, publisher.dueAt);
    const hasGrown = await wake.wait(key, read, over, Math.max(0, Math.ceil(dueAt - performance.now())));
    // it returned before the time was up: the wake is closed
    if (hasGrown || performance.now() + 1 < dueAt) return;
    await publisher.publishWhenDue();
  }
}

async function takeOver<Tx>(
  context: SessionContext,
  shared: TransactionalWork<Tx>,
): Promise<TransactionalSession<Tx>> {
  const { lease, instance, policy, store } = context;
  const { batchSize } = policy;
  const claim = (): Promise<Takeover> =>
    shared.sink.takeOver({ ...ownershipOf(context), instance, batchSize });
  let takeover = await claim();
  if (takeover.status === 'outdated') {
    await lease.raiseEpoch(takeover.epoch + 1);
    takeover = await claim();
    if (takeover.status === 'outdated') throw new FencedError('taking over');
  }
  const { carefulUntil } = takeover;
  if (carefulUntil === null) return new TransactionalSession(context, shared, takeover, null);
  const entryId = (await lastEntryId(store.redis, store.keys.log(lease.partition))) ?? '0-0';
  const end = { entryId, handledEntries: carefulUntil };
  return new TransactionalSession(context, shared, takeover, end);
}

/** @throws DivergedError unless an operator has decided what to do about it */
async function prepare<Tx>(session: TransactionalSession<Tx>): Promise<void> {
  const { context, shared, checkpoint } = session;
  const { redis, store, lease, group } = context;
  await ensureGroup(redis, store.keys.log(lease.partition), group);
  const diverged = await divergenceOf(store, lease.partition, checkpoint);
  const isRepeatable = shared.handler.isRepeatable ?? true;
  const lost = isRepeatable ? null : await lossOf(context, lease.partition, checkpoint);
  await resync(session, diverged, lost);
  // the owner before may have died between its commit and the mirror, and nothing may come for a long time
  mirror(session, context.onError);
  session.begin();
}
