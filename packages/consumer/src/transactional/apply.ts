import { type EventEnvelope, entryIdOf, formatPosition } from '@headrace/event-schema';
import { pause } from '../delivery/backoff.ts';
import { kindOf } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { handlePersistently, type Waiting } from '../delivery/handling.ts';
import { isOver } from '../delivery/session.ts';
import { FencedError } from '../group/lease.ts';
import { inBatchSpans } from '../tracing/spans.ts';
import { acquit, type Care, convict, crashesOf, isCareOver } from './care.ts';
import { checkpointAt } from './divergence.ts';
import { runRetries } from './retries.ts';
import {
  endCare,
  noteHandled,
  noteStored,
  ownershipOf,
  parkedEvent,
  reportParked,
  stepFrom,
  storeCheckpoint,
  type TransactionalSession,
  workOf,
} from './session-state.ts';
import type { Checkpoint, ParkedEvent } from './sink.ts';

const FULL_RETRY_MS = 1_000;
/** Sessions in a row that may fail for a reason that may pass, before it is looked for among the events of a batch. */
const FAILURES_OF_BATCHES = 3;

/** Handles a page of events: together where possible, else, or with care, one after the other. */
export async function applyPage<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Promise<void> {
  const { context, care } = session;
  Object.assign(context.progress, { state: 'running', reason: undefined });
  context.progress.inFlight = page.length;
  if (care !== null) return await applyWithCare(session, care, page);
  try {
    await applyTogether(session, page);
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'fenced') throw error;
    // at first that is about all of them, such as a database that is away
    if (kind === 'transient' && context.failuresBefore < FAILURES_OF_BATCHES) throw error;
    for (const event of page) {
      if (isOver(context.lease)) return;
      await applyAlone(session, event);
    }
  }
}

export function noteProgress<Tx>({ context, checkpoint }: TransactionalSession<Tx>): void {
  const { progress, lease } = context;
  progress.position =
    checkpoint.entryId === null ? null : formatPosition(lease.partition, checkpoint.entryId);
  progress.handledEntries = checkpoint.handledEntries;
  progress.inFlight = 0;
}

interface Sorted {
  readonly wanted: EventEnvelope[];
  readonly park: ParkedEvent[];
}

/** Which events are handled, and which are parked unseen: those behind a parked one, and those nobody can read. */
function sort<Tx>(
  { handler, held, context }: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Sorted {
  const wanted: EventEnvelope[] = [];
  const park: ParkedEvent[] = [];
  const newlyBlocked = new Set<string>();
  for (const event of page) {
    if (handler.types !== undefined && !handler.types.includes(event.type)) continue;
    if (held.has(event.stream) || newlyBlocked.has(event.stream)) {
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
  noteHandled(session, await step(session, page, () => sort(session, page), { mayShare: true }));
}

/** What is left of the page when care is over is read again, for a batch. */
async function applyWithCare<Tx>(
  session: TransactionalSession<Tx>,
  care: Care,
  page: readonly EventEnvelope[],
): Promise<void> {
  for (const event of page) {
    if (isOver(session.context.lease)) return;
    if (isCareOver(care, session.checkpoint, event)) {
      // with care each event has moved the sink's checkpoint, so that the first batch begins there
      await endCare(session);
      return;
    }
    await applyNoted(session, event);
  }
}

async function applyNoted<Tx>(session: TransactionalSession<Tx>, event: EventEnvelope): Promise<void> {
  const { context, sink } = session;
  const entryId = entryIdOf(event.position);
  const conviction = convict(session, entryId);
  if (conviction !== null) {
    const { error, crashes } = conviction;
    await step(session, [event], () => onlyPark(parkedEvent(context, event, 'poison', error, crashes)));
    return;
  }
  // a first suspicion may be about another partition's event: a second one is made sure of
  const crashes = crashesOf(session, entryId);
  let isSuspect = crashes > 0;
  await applyAlone(session, event, (work) => {
    const pass = isSuspect ? processGate.alone : processGate.shared;
    // what it survives once may take its time
    isSuspect = false;
    return pass(async () => {
      if (sort(session, [event]).wanted.length > 0) await sink.begin(ownershipOf(session), entryId, crashes);
      await work();
    });
  });
}

/** How a transaction passes the gate. */
type Pass = (work: () => Promise<void>) => Promise<void>;

interface StepOptions {
  readonly pass?: Pass;
  /** Whether a failure is nothing to worry about yet, so that other partitions may be part of the transaction. */
  readonly mayShare?: boolean;
}

async function applyAlone<Tx>(
  session: TransactionalSession<Tx>,
  event: EventEnvelope,
  pass: Pass = processGate.shared,
): Promise<void> {
  const { context, streak } = session;
  let count = 0;
  const attempt = async (): Promise<void> => {
    // its stream may have been freed since the last attempt
    count = await step(session, [event], () => sort(session, [event]), { pass });
  };
  const handled = await handlePersistently(context, streak, event.stream, attempt, waitingOf(session));
  if (handled.status === 'done') return noteHandled(session, count);
  const { status, error, attempts } = handled;
  await step(session, [event], () => onlyPark(parkedEvent(context, event, status, error, attempts)));
}

function onlyPark(event: ParkedEvent): Sorted {
  return { wanted: [], park: [event] };
}

/** Operators can act meanwhile, and what is deferred may make room. */
function waitingOf<Tx>(session: TransactionalSession<Tx>): Waiting {
  const { lease } = session.context;
  return {
    reserve: session.held.reserve,
    rest: async (ms) => {
      await pause(ms, lease.lost, lease.draining);
      if (!isOver(lease)) await runRetries(session);
    },
  };
}

/**
 * One transaction: the effects of what is wanted, the dead letters, and the checkpoint at the end of `page`.
 * @returns how many were handled
 */
async function step<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
  sorted: () => Sorted,
  { pass = processGate.shared, mayShare = false }: StepOptions = {},
): Promise<number> {
  const { context, sink, handler, checkpoint, held, care } = session;
  const last = page.at(-1);
  if (last === undefined) return 0;
  let { wanted, park } = sorted();
  const to: Checkpoint = {
    ...checkpointAt(last),
    handledEntries: checkpoint.handledEntries + page.length,
  };
  if (wanted.length === 0 && park.length === 0 && care === null) {
    // nothing to be done about them: the sink hears of it with the next step that it has a part in, or soon
    session.checkpoint = to;
    noteProgress(session);
    return 0;
  }
  // what may kill the process, or wait, begins where the sink's checkpoint is: the next owner is careful from there
  await storeCheckpoint(session);
  // while there was no room, streams may have been freed: nobody would come back to what is parked behind nothing
  while (await hasWaitedForRoom(session, park)) ({ wanted, park } = sorted());
  if (context.lease.lost.aborted) throw new FencedError('committing');
  // a full page fills a transaction by itself, and so that they show in its trace, statements have to be its own
  const isFull = page.length >= context.policy.batchSize;
  const mixes = handler.mixesPartitions === true && !session.isTraced;
  const isShared = mayShare && mixes && park.length === 0 && !isFull;
  // waiting for room is over: whoever passes the gate must not keep others waiting for an operator
  const transact = (): Promise<void> =>
    isShared
      ? session.transactions.commit(handler, stepFrom(session, { to }), wanted)
      : sink.transact(stepFrom(session, { to, park }), workOf(handler, wanted));
  await pass(session.isTraced ? () => inBatchSpans(context.group, wanted, transact) : transact);
  session.checkpoint = to;
  noteStored(session, to.entryId);
  acquit(session, to.entryId);
  for (const parked of park) {
    held.hold(parked.stream, parked);
    reportParked(context, page, parked);
  }
  noteProgress(session);
  return wanted.length;
}

/** Waits a while, visibly, where the bounds on dead letters leave no room. False: they do. */
async function hasWaitedForRoom<Tx>(
  session: TransactionalSession<Tx>,
  park: readonly ParkedEvent[],
): Promise<boolean> {
  const { context } = session;
  const { lease, progress } = context;
  if (await hasRoom(session, park)) return false;
  Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
  await pause(FULL_RETRY_MS, lease.lost, lease.draining);
  if (isOver(lease)) throw new FencedError('waiting for room');
  await runRetries(session);
  return true;
}

async function hasRoom<Tx>(
  { context, sink, held }: TransactionalSession<Tx>,
  park: readonly ParkedEvent[],
): Promise<boolean> {
  const { policy, lease, group } = context;
  for (const stream of new Set(park.map((event) => event.stream))) {
    // one batch may go over a bound: what matters is that it ends somewhere
    const isFull = held.has(stream)
      ? (await sink.parkedOf({ group, partition: lease.partition }, stream)).length >=
        policy.maxParkedPerStream
      : held.size() >= policy.maxBlockedStreams;
    if (isFull) return false;
  }
  return true;
}
