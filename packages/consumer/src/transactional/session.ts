import { type EventEnvelope, entryIdOf, formatPosition } from '@headrace/event-schema';
import { runScript } from '@headrace/event-store';
import { pause } from '../delivery/backoff.ts';
import { kindOf } from '../delivery/failures.ts';
import { handlePersistently } from '../delivery/handling.ts';
import { ensureGroup } from '../delivery/redis-group.ts';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { createFailureStreak } from '../delivery/streak.ts';
import { FencedError } from '../group/lease.ts';
import { scripts } from '../scripts/index.ts';
import { assertNotDiverged } from './divergence.ts';
import { readPage } from './read-page.ts';
import { runSinkRequests } from './requests.ts';
import { parkedEvent, type TransactionalHandler, type TransactionalSession } from './session-state.ts';
import type { Checkpoint, ParkedEvent, Step, TransactionalSink } from './sink.ts';

const REQUESTS_EVERY_MS = 500;
const FULL_RETRY_MS = 1_000;

/**
 * Works on one partition in transactional mode until the lease is lost or draining: each event's effect and
 * the checkpoint change together, once.
 */
export async function runTransactionalSession<Tx>(
  context: SessionContext,
  sink: TransactionalSink<Tx>,
  handler: TransactionalHandler<Tx>,
): Promise<void> {
  const session = await open(context, sink, handler);
  const pages = createPages(session);
  let requestsAt = 0;
  while (!isOver(context.lease)) {
    if (session.blocked.size > 0 && performance.now() >= requestsAt) {
      await runSinkRequests(session);
      requestsAt = performance.now() + REQUESTS_EVERY_MS;
    }
    const page = await pages.next();
    if (page.length === 0) await idle(session);
    else await applyPage(session, page);
  }
}

/** The pages after the checkpoint; a full one's successor is on its way while it is applied. */
function createPages<Tx>(session: TransactionalSession<Tx>): { next(): Promise<readonly EventEnvelope[]> } {
  const { context } = session;
  let ahead: { readonly after: string; readonly page: Promise<readonly EventEnvelope[]> } | undefined;
  return {
    next: async () => {
      const after = session.checkpoint.entryId ?? '0';
      const page = await (ahead?.after === after ? ahead.page : readPage(context, after));
      ahead = undefined;
      const last = page.at(-1);
      if (last !== undefined && page.length === context.policy.batchSize) {
        const next = entryIdOf(last.position);
        ahead = { after: next, page: readPage(context, next) };
        // told when it is asked for
        ahead.page.catch(() => undefined);
      }
      return page;
    },
  };
}

async function idle<Tx>({ context, checkpoint, blocked }: TransactionalSession<Tx>): Promise<void> {
  const { lease, progress, wake, store } = context;
  progress.state = 'idle';
  const ends = [lease.lost, lease.draining];
  if (blocked.size > 0) ends.push(AbortSignal.timeout(REQUESTS_EVERY_MS));
  await wake.wait(store.keys.log(lease.partition), checkpoint.entryId ?? '0', AbortSignal.any(ends));
}

async function open<Tx>(
  context: SessionContext,
  sink: TransactionalSink<Tx>,
  handler: TransactionalHandler<Tx>,
): Promise<TransactionalSession<Tx>> {
  const { lease, group, instance, progress, redis, store, policy } = context;
  const claim = (): ReturnType<typeof sink.takeOver> =>
    sink.takeOver({ group, partition: lease.partition, epoch: lease.epoch, instance });
  let takeover = await claim();
  if (takeover.status === 'outdated') {
    await lease.raiseEpoch(takeover.epoch + 1);
    takeover = await claim();
    if (takeover.status === 'outdated') throw new FencedError('taking over');
  }
  const { checkpoint } = takeover;
  await ensureGroup(redis, store.keys.log(lease.partition), group);
  await assertNotDiverged(context, checkpoint);
  const blocked = new Set(takeover.blocked);
  const session = {
    context,
    sink,
    handler,
    blocked,
    checkpoint,
    streak: createFailureStreak(policy.systemicStreams),
  };
  progress.blockedStreams = blocked.size;
  noteProgress(session);
  return session;
}

function noteProgress<Tx>({ context, checkpoint, blocked }: TransactionalSession<Tx>): void {
  const { progress, lease } = context;
  progress.position =
    checkpoint.entryId === null ? null : formatPosition(lease.partition, checkpoint.entryId);
  progress.handledEntries = checkpoint.handledEntries;
  progress.blockedStreams = blocked.size;
  progress.inFlight = 0;
}

async function applyPage<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Promise<void> {
  const { context } = session;
  Object.assign(context.progress, { state: 'running', reason: undefined });
  context.progress.inFlight = page.length;
  try {
    await applyTogether(session, page);
  } catch (error) {
    // only poison is looked for among the events; all else is about the whole partition
    if (kindOf(error) !== 'poison') throw error;
    for (const event of page) {
      if (isOver(context.lease)) return;
      await applyAlone(session, event);
    }
  }
  mirror(session);
}

/** Which events are handled, and which are parked unseen: those behind a parked one, and those nobody can read. */
function sort<Tx>(
  { handler, blocked, context }: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): { wanted: EventEnvelope[]; park: ParkedEvent[] } {
  const wanted: EventEnvelope[] = [];
  const park: ParkedEvent[] = [];
  const newlyBlocked = new Set<string>();
  for (const event of page) {
    if (handler.types !== undefined && !handler.types.includes(event.type)) continue;
    if (blocked.has(event.stream) || newlyBlocked.has(event.stream)) {
      park.push(parkedEvent(context, event, 'blocked', null, 0));
    } else if (handler.types !== undefined && event.unreadable !== undefined) {
      newlyBlocked.add(event.stream);
      park.push(parkedEvent(context, event, 'unreadable', event.unreadable, 0));
    } else wanted.push(event);
  }
  return { wanted, park };
}

async function applyTogether<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Promise<void> {
  const { wanted, park } = sort(session, page);
  await step(session, page, park, wanted);
  session.streak.success();
  session.context.totals.handled += wanted.length;
}

async function applyAlone<Tx>(session: TransactionalSession<Tx>, event: EventEnvelope): Promise<void> {
  const { context, streak } = session;
  const { wanted, park } = sort(session, [event]);
  const handled = await handlePersistently(context, streak, event.stream, () =>
    step(session, [event], park, wanted),
  );
  if (handled.status === 'done') {
    context.totals.handled += wanted.length;
    return;
  }
  await step(session, [event], [parkedEvent(context, event, 'poison', handled.error, handled.attempts)], []);
}

/** One transaction: the effects of `wanted`, the dead letters, and the checkpoint at the end of `page`. */
async function step<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
  park: readonly ParkedEvent[],
  wanted: readonly EventEnvelope[],
): Promise<void> {
  const { context, sink, handler, checkpoint, blocked } = session;
  const { lease, group, totals } = context;
  const last = page.at(-1);
  if (last === undefined) return;
  await roomFor(session, park);
  if (lease.lost.aborted) throw new FencedError('committing');
  const to: Checkpoint = {
    entryId: entryIdOf(last.position),
    stream: last.stream,
    version: last.version,
    handledEntries: checkpoint.handledEntries + page.length,
  };
  const change: Step = {
    group,
    partition: lease.partition,
    epoch: lease.epoch,
    from: checkpoint.entryId,
    to,
    park,
  };
  await sink.transact(change, wanted.length === 0 ? undefined : (tx) => handler.handle(wanted, tx));
  session.checkpoint = to;
  for (const { stream } of park) blocked.add(stream);
  totals.parked += park.length;
  noteProgress(session);
}

/** Waits, visibly, while the bounds on dead letters leave no room. */
async function roomFor<Tx>(session: TransactionalSession<Tx>, park: readonly ParkedEvent[]): Promise<void> {
  const { context } = session;
  const { lease, progress } = context;
  while (!(await hasRoom(session, park))) {
    Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
    await pause(FULL_RETRY_MS, lease.lost, lease.draining);
    if (isOver(lease)) throw new FencedError('waiting for room');
    await runSinkRequests(session);
  }
}

async function hasRoom<Tx>(
  { context, sink, blocked }: TransactionalSession<Tx>,
  park: readonly ParkedEvent[],
): Promise<boolean> {
  const { policy, lease, group } = context;
  for (const stream of new Set(park.map((event) => event.stream))) {
    // one batch may go over a bound: what matters is that it ends somewhere
    const isFull = blocked.has(stream)
      ? (await sink.parkedOf({ group, partition: lease.partition }, stream)).length >=
        policy.maxParkedPerStream
      : blocked.size >= policy.maxBlockedStreams;
    if (isFull) return false;
  }
  return true;
}

/** The Redis group's cursor is only a mirror: it follows after the commit, and failing to move it changes nothing. */
function mirror<Tx>({ context, checkpoint }: TransactionalSession<Tx>): void {
  const { redis, lease, store, group, onError } = context;
  if (checkpoint.entryId === null) return;
  const args = [lease.epoch, group, checkpoint.entryId, checkpoint.handledEntries];
  runScript(redis, scripts.mirror, [lease.key, store.keys.log(lease.partition)], args).catch(onError);
}
