import {
  type ParkedEvent,
  type ParkedReason,
  parkedEvent,
  reportParked,
} from '../dead-letters/parked-event.ts';
import { pause } from '../delivery/backoff.ts';
import { processGate } from '../delivery/gate.ts';
import { handlePersistently, type Waiting } from '../delivery/handle-with-retries.ts';
import { isOver } from '../delivery/session-context.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';
import { Acknowledgements } from './acknowledgements.ts';
import type { DueRetries } from './due-retries.ts';
import { handleUnderLease } from './inbox.ts';

const FULL_RETRY_MS = 1_000;
/** With more tasks than this waiting to be tried again, each of them waits longer, to spare whatever is away. */
const RESTING_AT_FULL_PACE = 50;

/**
 * How parking ended. `over`: the lease ended before there was room. `freed`: the stream was unblocked before there was
 * room, so the message can be handled.
 */
type Parking = 'parked' | 'freed' | 'over';

/** Handles messages in their lanes, and acknowledges or parks them. */
export class MessageWorker<Message> {
  readonly #partition: AcknowledgedPartition<Message>;
  readonly #retries: DueRetries<Message>;
  readonly #acknowledgements: Acknowledgements;
  readonly #waiting: Waiting;

  constructor(partition: AcknowledgedPartition<Message>, retries: DueRetries<Message>) {
    const { inbox, entries, lanes, blocked } = partition;
    this.#partition = partition;
    this.#retries = retries;
    this.#acknowledgements = new Acknowledgements((entryIds) =>
      processGate.shared(() => entries.acknowledge(entryIds)),
    );
    this.#waiting = {
      rest: (ms) => this.#rest(ms * Math.max(1, lanes.resting / RESTING_AT_FULL_PACE)),
      reserve: inbox.reject === undefined ? blocked.reserve : undefined,
    };
  }

  work(entryId: string, message: Message): Promise<void> {
    const { context, inbox } = this.#partition;
    return this.#handle(entryId, message, () =>
      processGate.shared(() => handleUnderLease(context.lease, inbox, message, false)),
    );
  }

  /**
   * As `work`, for what an earlier owner left behind: attempts are counted so that a crash parks only its cause.
   * @param crashes attempts that were begun and never finished
   */
  async recover(entryId: string, message: Message, crashes: number): Promise<void> {
    const { context, inbox, attempts, blocked } = this.#partition;
    const { lease, policy } = context;
    if (crashes >= policy.maxCrashes && !blocked.has(inbox.sequenceOf(message))) {
      const error = new Error(`the process died ${crashes} times while handling this`);
      await this.#park(entryId, message, { cause: 'poison', error, attempts: crashes });
      return;
    }
    // a first suspicion may be about another partition's event: alone, the next crash has only one possible cause
    let isSuspect = crashes > 0;
    await this.#handle(entryId, message, async () => {
      const pass = isSuspect ? processGate.alone : processGate.shared;
      // once it has survived, it may take its time
      isSuspect = false;
      // ends before anything else goes on: no later crash and no outage may be attributed to this entry
      await pass(() => attempts.run(entryId, () => handleUnderLease(lease, inbox, message, true)));
    });
  }

  /** @throws what an acknowledgement failed with */
  requireAcknowledged(): void {
    this.#acknowledgements.requireNoFailure();
  }

  async flush(): Promise<void> {
    await this.#acknowledgements.flush();
  }

  async #handle(entryId: string, message: Message, attempt: () => Promise<void>): Promise<void> {
    const { context, inbox, blocked, streak } = this.#partition;
    if (inbox.wants(message)) {
      const sequence = inbox.sequenceOf(message);
      if (blocked.has(sequence)) {
        const parking = await this.#park(entryId, message, { cause: 'blocked', error: null, attempts: 0 });
        if (parking !== 'freed') return;
      }
      const unreadable = inbox.unreadable(message);
      const handled =
        unreadable === undefined
          ? await handlePersistently(context, streak, sequence, attempt, this.#waiting)
          : ({ status: 'unreadable', error: unreadable, attempts: 0 } as const);
      if (handled.status !== 'done') {
        const { status: cause, error, attempts } = handled;
        await this.#park(entryId, message, { cause, error, attempts });
        return;
      }
      this.#partition.noteHandled();
    }
    this.#acknowledgements.add(entryId);
  }

  async #park(entryId: string, message: Message, reason: ParkedReason): Promise<Parking> {
    const { context, inbox, blocked } = this.#partition;
    if (inbox.reject === undefined) {
      const event = parkedEvent(context, { stream: inbox.sequenceOf(message), entryId }, reason);
      // otherwise parked again by the next owner: nothing is acknowledged yet
      const parking = await this.#parkWithRoom(event);
      if (parking !== 'parked') return parking;
      blocked.block(event.stream, event);
    } else {
      await inbox.reject(message, reason.error);
      this.#acknowledgements.add(entryId);
    }
    reportParked(context, inbox.factsOf(message), reason);
    return 'parked';
  }

  /** Waits, visibly, while the bounds on dead letters leave no room. */
  async #parkWithRoom(event: ParkedEvent): Promise<Parking> {
    const { context, parked, blocked } = this.#partition;
    const { progress, lease } = context;
    while ((await processGate.shared(() => parked.park(event))) === 'full') {
      Object.assign(progress, { state: 'paused', reason: 'too many parked events; retry or discard some' });
      await this.#rest(FULL_RETRY_MS);
      if (isOver(lease)) return 'over';
      await this.#retries.runDueOf(event.stream);
      // what it was to wait behind is handled: nothing would ever retry it
      if (event.cause === 'blocked' && !blocked.has(event.stream)) return 'freed';
    }
    if (progress.state === 'paused') Object.assign(progress, { state: 'running', reason: undefined });
    return 'parked';
  }

  async #rest(ms: number): Promise<void> {
    const { context, lanes } = this.#partition;
    await lanes.rest((signal) => pause(ms, signal, context.lease.lost, context.lease.draining));
  }
}
