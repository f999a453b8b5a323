import { pause } from '../delivery/backoff.ts';
import { whyParked } from '../delivery/failures.ts';
import { processGate } from '../delivery/gate.ts';
import { handlePersistently, type Waiting } from '../delivery/handling.ts';
import { retryTime } from '../delivery/held-streams.ts';
import { isOver } from '../delivery/session.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import type { ParkedRecord } from './group-state.ts';
import { handleHeld } from './inbox.ts';
import type { Retries } from './retries.ts';
import { report, type Workplace } from './workplace.ts';

const FULL_RETRY_MS = 1_000;
/** With more than so many waiting to be tried again, each of them waits longer: whatever is away is not stormed. */
const RESTING_AT_FULL_PACE = 50;

/** What came of parking: `over` is the lease, and `freed` the stream, before there was any room. */
type Parking = 'parked' | 'freed' | 'over';

/** Handles messages in their lanes, and acknowledges or parks them. */
export interface Worker<Message> {
  work(entryId: string, message: Message): Promise<void>;
  /**
   * As `work`, for what an earlier holder left behind: attempts are counted so that a crash convicts only its cause.
   * @param crashes attempts that were begun and never finished
   */
  recover(entryId: string, message: Message, crashes: number): Promise<void>;
  /** @throws what an acknowledgement failed with */
  requireAcknowledged(): void;
  flush(): Promise<void>;
}

export function createWorker<Message>(workplace: Workplace<Message>, retries: Retries): Worker<Message> {
  const { context, inbox, state, held, lanes, streak } = workplace;
  const { lease, progress, policy } = context;
  const acknowledgements = createAcknowledgements((entryIds) =>
    processGate.shared(() => state.acknowledge(entryIds)),
  );
  const rest = (ms: number): Promise<void> =>
    lanes.rest((signal) => pause(ms, signal, lease.lost, lease.draining));
  const waiting: Waiting = {
    rest: (ms) => rest(ms * Math.max(1, lanes.resting() / RESTING_AT_FULL_PACE)),
    reserve: inbox.bury === undefined ? held.reserve : undefined,
  };

  async function handle(entryId: string, message: Message, attempt: () => Promise<void>): Promise<void> {
    if (inbox.wants(message)) {
      const sequence = inbox.sequenceOf(message);
      if (held.has(sequence) && (await park(entryId, message, 'blocked', null, 0)) !== 'freed') return;
      const unreadable = inbox.unreadable(message);
      if (unreadable !== undefined) return void (await park(entryId, message, 'unreadable', unreadable, 0));
      const handled = await handlePersistently(context, streak, sequence, attempt, waiting);
      if (handled.status !== 'done')
        return void (await park(entryId, message, handled.status, handled.error, handled.attempts));
      workplace.noteHandled();
    }
    acknowledgements.add(entryId);
  }

  async function park(
    entryId: string,
    message: Message,
    cause: ParkedRecord['cause'],
    error: unknown,
    attempts: number,
  ): Promise<Parking> {
    if (inbox.bury !== undefined) {
      await inbox.bury(message, error);
      acknowledgements.add(entryId);
      report(workplace, message, cause, error, attempts);
      return 'parked';
    }
    const record: ParkedRecord = {
      entryId,
      cause,
      ...whyParked(error),
      attempts,
      instance: context.instance,
      parkedAt: new Date().toISOString(),
      ...(cause === 'deferred' && { retryAt: retryTime(policy).toISOString() }),
    };
    const sequence = inbox.sequenceOf(message);
    // otherwise parked again by the next owner: nothing is acknowledged yet
    const parking = await parkWithRoom(sequence, record);
    if (parking !== 'parked') return parking;
    held.hold(sequence, record);
    report(workplace, message, cause, error, attempts);
    return parking;
  }

  /** Waits, visibly, while the bounds on dead letters leave no room. */
  async function parkWithRoom(sequence: string, record: ParkedRecord): Promise<Parking> {
    while ((await processGate.shared(() => state.park(sequence, record))) === 'full') {
      Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
      await rest(FULL_RETRY_MS);
      if (isOver(lease)) return 'over';
      await retries.runDueOf(sequence);
      // what it was to wait behind is handled: nobody would come back to it
      if (record.cause === 'blocked' && !held.has(sequence)) return 'freed';
    }
    if (progress.state === 'paused') Object.assign(progress, { state: 'running', reason: undefined });
    return 'parked';
  }

  return {
    work: (entryId, message) =>
      handle(entryId, message, () => processGate.shared(() => handleHeld(lease, inbox, message, false))),
    recover: async (entryId, message, crashes) => {
      if (crashes >= policy.maxCrashes && !held.has(inbox.sequenceOf(message))) {
        const error = new Error(`the process died ${crashes} times while handling this`);
        return void (await park(entryId, message, 'poison', error, crashes));
      }
      // a first suspicion may be about another partition's event: a second one is made sure of
      let isSuspect = crashes > 0;
      await handle(entryId, message, async () => {
        const pass = isSuspect ? processGate.alone : processGate.shared;
        // what it survives once may take its time
        isSuspect = false;
        // over before anything else goes on: neither a death from then on nor an outage may be laid to this entry
        await pass(() => state.attempt(entryId, () => handleHeld(lease, inbox, message, true)));
      });
    },
    requireAcknowledged: acknowledgements.requireNoFailure,
    flush: acknowledgements.flush,
  };
}
