import type { BlockedStreams } from '../delivery/blocked-streams.ts';
import { kindOf } from '../delivery/failure-kind.ts';
import type { FailureStreak } from '../delivery/failure-streak.ts';
import type { MessageFacts } from '../delivery/message-facts.ts';
import { isOver, type SessionContext } from '../delivery/session-context.ts';
import { PoisonError } from '../errors.ts';
import { parkedEvent, reportParked, type StoredParkedEvent } from './parked-event.ts';
import { discardedOutcome, failedOutcome, handledOutcome } from './request-outcomes.ts';

/** What an operator asked of a partition's owner about a stream. `id` is the request's, as its store names it. */
export type StreamTask = { readonly id: string; readonly stream: string } & (
  | { readonly kind: 'retry' }
  | { readonly kind: 'discard'; readonly entryId: string }
);

/** The request that a change completes, and what became of it. */
export interface FinishedRequest {
  readonly id: string;
  readonly outcome: string;
}

/** What becomes of a parked event and of the request that asked for it; applied as one. */
export interface ParkedChange<Parked extends StoredParkedEvent> {
  /** Absent: no event is changed. */
  readonly parked?: Parked | undefined;
  /** The same event with its new failure, which takes its place. Absent: the event is removed. */
  readonly failed?: StoredParkedEvent;
  readonly finished?: FinishedRequest | undefined;
}

/** A parked event that is about to be handled again. */
export interface ParkedAttempt {
  readonly facts: MessageFacts;
  /** Handles the event. @throws what its handler throws, or why it cannot be handled */
  run(): Promise<void>;
}

/** The parked events of a partition; the acknowledged and the transactional mode keep them in different places. */
export interface ParkedStore<Parked extends StoredParkedEvent> {
  parkedOf(stream: string): Promise<readonly Parked[]>;
  /** Those events in order, each looked up once the one before is handled. */
  oneByOne(stream: string): AsyncIterable<Parked>;
  /**
   * Null: the log no longer holds the event.
   * @param isRequested whether an operator asked for it; otherwise it was deferred, and is due. In the acknowledged mode
   *   this decides how often it may kill the process.
   */
  attempt(parked: Parked, isRequested: boolean): Promise<ParkedAttempt | null>;
  /** Counts an event as handled. Removes it where the transaction of the attempt has not done so. */
  handled(parked: Parked): Promise<void>;
  change(stream: string, change: ParkedChange<Parked>): Promise<void>;
}

interface Failure {
  readonly error: unknown;
  /** Undefined where the log no longer holds the event. */
  readonly facts: MessageFacts | undefined;
}

/** Handles parked events again and discards them, for operators and for deferred streams that are due. */
export class ParkedRetries<Parked extends StoredParkedEvent> {
  readonly #context: SessionContext;
  readonly #blocked: BlockedStreams;
  readonly #streak: FailureStreak;
  readonly #store: ParkedStore<Parked>;

  constructor(
    context: SessionContext,
    blocked: BlockedStreams,
    streak: FailureStreak,
    store: ParkedStore<Parked>,
  ) {
    this.#context = context;
    this.#blocked = blocked;
    this.#streak = streak;
    this.#store = store;
  }

  /** Does what an operator asked for. */
  async run(task: StreamTask): Promise<void> {
    if (task.kind === 'retry') await this.retry(task.stream, task.id);
    else await this.#discard(task);
  }

  /**
   * Handles a stream's parked events again, in order, until one fails.
   * @param request id of the request; absent: the stream was deferred, and is due
   */
  async retry(stream: string, request?: string): Promise<void> {
    const finished = (outcome: string): FinishedRequest | undefined =>
      request === undefined ? undefined : { id: request, outcome };
    let handled = 0;
    for await (const parked of this.#store.oneByOne(stream)) {
      if (isOver(this.#context.lease)) return;
      const failure = await this.#failureOf(parked, request !== undefined);
      if (failure !== undefined) return await this.#keepFailed(parked, failure, finished);
      await this.#store.handled(parked);
      handled += 1;
    }
    await this.#store.change(stream, { finished: finished(handledOutcome(handled)) });
    this.#blocked.unblock(stream);
  }

  /** Undefined when it worked. @throws FencedError */
  async #failureOf(parked: Parked, isRequested: boolean): Promise<Failure | undefined> {
    const attempt = await this.#store.attempt(parked, isRequested);
    if (attempt === null)
      return { error: new PoisonError('the log no longer holds this event; discard it'), facts: undefined };
    try {
      await attempt.run();
      return undefined;
    } catch (error) {
      if (kindOf(error) === 'fenced') throw error;
      return { error, facts: attempt.facts };
    }
  }

  async #keepFailed(
    parked: Parked,
    { error, facts }: Failure,
    finished: (outcome: string) => FinishedRequest | undefined,
  ): Promise<void> {
    const cause = this.#streak.mayPass(parked.cause, error) ? 'deferred' : 'poison';
    const reason = { cause, error, attempts: parked.attempts + 1 } as const;
    const failed = { ...parked, ...parkedEvent(this.#context, parked, reason) };
    await this.#store.change(parked.stream, { parked, failed, finished: finished(failedOutcome(failed)) });
    this.#blocked.block(parked.stream, failed);
    // reported before under the same cause
    if (facts !== undefined && cause !== parked.cause) reportParked(this.#context, facts, reason);
  }

  async #discard({ stream, entryId, id }: Extract<StreamTask, { kind: 'discard' }>): Promise<void> {
    const events = await this.#store.parkedOf(stream);
    const parked = events.find((event) => event.entryId === entryId);
    const finished = { id, outcome: discardedOutcome(parked !== undefined) };
    await this.#store.change(stream, { parked, finished });
    const others = events.filter((event) => event !== parked);
    if (others.length === 0) this.#blocked.unblock(stream);
  }
}
