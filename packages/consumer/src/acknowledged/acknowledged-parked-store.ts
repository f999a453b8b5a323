import type { ParkedAttempt, ParkedChange, ParkedStore } from '../dead-letters/parked-retries.ts';
import { processGate } from '../delivery/gate.ts';
import { PoisonError } from '../errors.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';
import { handleUnderLease } from './inbox.ts';
import type { RecordedParkedEvent } from './parked-record.ts';

/** The parked messages of a partition, in Redis. The id of a request is its text. */
export class AcknowledgedParkedStore<Message> implements ParkedStore<RecordedParkedEvent> {
  readonly #partition: AcknowledgedPartition<Message>;

  constructor(partition: AcknowledgedPartition<Message>) {
    this.#partition = partition;
  }

  async parkedOf(stream: string): Promise<readonly RecordedParkedEvent[]> {
    return await this.#partition.parked.all(stream);
  }

  async *oneByOne(stream: string): AsyncGenerator<RecordedParkedEvent> {
    for (;;) {
      const first = await this.#partition.parked.first(stream);
      if (first === undefined) return;
      yield first;
    }
  }

  async attempt(
    { partition, entryId }: RecordedParkedEvent,
    isRequested: boolean,
  ): Promise<ParkedAttempt | null> {
    const { context, inbox } = this.#partition;
    const [entry] = await context.store.redis.xrange(inbox.key(partition), entryId, entryId);
    if (entry === undefined) return null;
    const message = inbox.decode(partition, entryId, entry[1]);
    return {
      facts: inbox.factsOf(message),
      run: async () => {
        const unreadable = inbox.unreadable(message);
        if (unreadable !== undefined) throw new Error(unreadable);
        if (inbox.wants(message)) await this.#handle(entryId, message, isRequested);
      },
    };
  }

  async handled(parked: RecordedParkedEvent): Promise<void> {
    this.#partition.noteHandled();
    await this.change(parked.stream, { parked });
  }

  async change(stream: string, change: ParkedChange<RecordedParkedEvent>): Promise<void> {
    await this.#partition.parked.unpark(stream, change);
  }

  /**
   * A message must not kill the process for ever. A retry that an operator asked for may kill it once, an automatic one
   * `maxCrashes` times, as at the first delivery. After one death the message is handled alone.
   */
  async #handle(entryId: string, message: Message, isRequested: boolean): Promise<void> {
    const { context, inbox, attempts } = this.#partition;
    const { lease, policy } = context;
    const crashes = await attempts.crashesOf(entryId);
    if (crashes >= (isRequested ? 1 : policy.maxCrashes)) {
      await attempts.forgive(entryId, crashes);
      if (isRequested) throw new Error('the process died while handling this again');
      // it does not pass, whatever else has failed or worked
      throw new PoisonError(`the process died ${crashes} times while handling this again`);
    }
    const pass = crashes > 0 ? processGate.alone : processGate.shared;
    await pass(() => attempts.run(entryId, () => handleUnderLease(lease, inbox, message, true)));
  }
}
