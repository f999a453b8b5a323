import { type EventEnvelope, formatPosition } from '@headrace/event-schema';
import type { StoredParkedEvent } from '../dead-letters/parked-event.ts';
import type { ParkedAttempt, ParkedChange, ParkedStore } from '../dead-letters/parked-retries.ts';
import { processGate } from '../delivery/gate.ts';
import { factsOfEvent } from '../delivery/message-facts.ts';
import { inBatchSpans } from '../tracing/batch-spans.ts';
import { workOf } from './transactional-handler.ts';
import type { TransactionalSession } from './transactional-session.ts';
import type { Step } from './transactional-sink.ts';

/** The parked events of a partition, in the sink: each change is a transaction checked against the checkpoint. */
export class TransactionalParkedStore<Tx> implements ParkedStore<StoredParkedEvent> {
  readonly #session: TransactionalSession<Tx>;

  constructor(session: TransactionalSession<Tx>) {
    this.#session = session;
  }

  async parkedOf(stream: string): Promise<readonly StoredParkedEvent[]> {
    const { shared, ownership } = this.#session;
    return await shared.sink.parkedOf(ownership, stream);
  }

  async *oneByOne(stream: string): AsyncGenerator<StoredParkedEvent> {
    yield* await this.parkedOf(stream);
  }

  async attempt({ stream, partition, entryId }: StoredParkedEvent): Promise<ParkedAttempt | null> {
    const { store } = this.#session.context;
    const event = await store.readEvent(formatPosition(partition, entryId));
    if (event === null) return null;
    return { facts: factsOfEvent(event), run: () => this.#handle(event, { stream, entryId }) };
  }

  async handled({ entryId }: StoredParkedEvent): Promise<void> {
    this.#session.recovery.clear(entryId);
    this.#session.noteHandled(1);
  }

  async change(stream: string, { parked, failed, finished }: ParkedChange<StoredParkedEvent>): Promise<void> {
    // the time of a stream had come: nothing is left to be done
    if (parked === undefined && finished === undefined) return;
    const step: Pick<Step, 'unpark' | 'failedAgain' | 'finishedRequest' | 'outcome'> = {
      ...(parked !== undefined && failed === undefined && { unpark: { stream, entryId: parked.entryId } }),
      ...(failed !== undefined && { failedAgain: failed }),
      ...(finished !== undefined && { finishedRequest: finished.id, outcome: finished.outcome }),
    };
    await this.#session.shared.sink.transact(this.#session.stepWith(step));
    if (failed !== undefined) this.#session.recovery.clear(failed.entryId);
  }

  /**
   * The effect and the removal are one transaction. It is noted before it begins: an event that kills the process must
   * not do so for ever.
   */
  async #handle(event: EventEnvelope, unpark: NonNullable<Step['unpark']>): Promise<void> {
    const { context, shared, recovery, ownership } = this.#session;
    const { sink, handler } = shared;
    const { entryId } = unpark;
    const poison = recovery.takePoison(entryId);
    if (poison !== null) throw poison.error;
    // a handler of all types takes events that no contract describes
    if (event.unreadable !== undefined && handler.types !== undefined)
      throw new Error(`still not readable: ${event.unreadable}`);
    const crashes = recovery.crashesOf(entryId);
    // a first suspicion may be about another partition's event: alone, the next crash has only one possible cause
    const pass = crashes > 0 ? processGate.alone : processGate.shared;
    await pass(async () => {
      await sink.begin(ownership, entryId, crashes);
      await inBatchSpans([{ group: context.group, events: [event] }], () =>
        sink.transact(this.#session.stepWith({ unpark }), workOf(handler, [event])),
      );
    });
  }
}
