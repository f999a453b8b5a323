import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { pause } from '../delivery/backoff.ts';
import { kindOf } from '../delivery/failure-kind.ts';
import { processGate } from '../delivery/gate.ts';
import { handlePersistently, type Waiting } from '../delivery/handle-with-retries.ts';
import { isOver } from '../delivery/session-context.ts';
import { type Pass, planAndCommit } from './commit-plan.ts';
import { planPage, planParking } from './page-plan.ts';
import { runRetries } from './transactional-retries.ts';
import type { TransactionalSession } from './transactional-session.ts';

/** Sessions in a row that may fail for a reason that may pass, before its cause is looked for event by event. */
const FAILURES_OF_BATCHES = 3;

/** Handles a page of events: together where possible, else, or after a crash, one after the other. */
export async function applyPage<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Promise<void> {
  const { progress } = session.context;
  Object.assign(progress, { state: 'running', reason: undefined, inFlight: page.length });
  if (session.recovery.isActive) await recoverPage(session, page);
  else await applyBatch(session, page);
}

async function applyBatch<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Promise<void> {
  const { context } = session;
  try {
    session.noteHandled(await planAndCommit(session, () => planPage(session, page), { mayShare: true }));
  } catch (error) {
    const kind = kindOf(error);
    if (kind === 'fenced') throw error;
    // at first such a failure is about all of them, such as a database that is away
    if (kind === 'transient' && context.failuresBefore < FAILURES_OF_BATCHES) throw error;
    for (const event of page) {
      if (isOver(context.lease)) return;
      await applySingly(session, event);
    }
  }
}

/** What is left of the page when the recovery is over is read again, for a batch. */
async function recoverPage<Tx>(
  session: TransactionalSession<Tx>,
  page: readonly EventEnvelope[],
): Promise<void> {
  for (const event of page) {
    if (isOver(session.context.lease)) return;
    if (session.recovery.isDoneBefore(event, session.checkpoint)) {
      // each event of a recovery has moved the sink's checkpoint, so that the first batch begins there
      await session.endRecovery();
      return;
    }
    await recoverEvent(session, event);
  }
}

async function recoverEvent<Tx>(session: TransactionalSession<Tx>, event: EventEnvelope): Promise<void> {
  const { recovery, shared, ownership } = session;
  const entryId = entryIdOf(event.position);
  const poison = recovery.takePoison(entryId);
  if (poison !== null) {
    const reason = { cause: 'poison', error: poison.error, attempts: poison.crashes } as const;
    await planAndCommit(session, () => planParking(session, event, reason));
    return;
  }
  // a first suspicion may be about another partition's event: alone, the next crash has only one possible cause
  const crashes = recovery.crashesOf(entryId);
  let isSuspect = crashes > 0;
  await applySingly(session, event, (transact) => {
    const pass = isSuspect ? processGate.alone : processGate.shared;
    // once it has survived, it may take its time
    isSuspect = false;
    return pass(async () => {
      if (planPage(session, [event]).handle.length > 0) await shared.sink.begin(ownership, entryId, crashes);
      await transact();
    });
  });
}

/** Handles one event in a transaction of its own until it works or is parked. */
async function applySingly<Tx>(
  session: TransactionalSession<Tx>,
  event: EventEnvelope,
  pass: Pass = processGate.shared,
): Promise<void> {
  const { context, streak } = session;
  let count = 0;
  const attempt = async (): Promise<void> => {
    // planned each time: its stream may have been freed since the last attempt
    count = await planAndCommit(session, () => planPage(session, [event]), { pass });
  };
  const handled = await handlePersistently(context, streak, event.stream, attempt, waitingOf(session));
  if (handled.status === 'done') return session.noteHandled(count);
  const { status: cause, error, attempts } = handled;
  await planAndCommit(session, () => planParking(session, event, { cause, error, attempts }));
}

/** Operators can act meanwhile, and deferred events may make room. */
function waitingOf<Tx>(session: TransactionalSession<Tx>): Waiting {
  const { lease } = session.context;
  return {
    reserve: session.blocked.reserve,
    rest: async (ms) => {
      await pause(ms, lease.lost, lease.draining);
      if (!isOver(lease)) await runRetries(session);
    },
  };
}
