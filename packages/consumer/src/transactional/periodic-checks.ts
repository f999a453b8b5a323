import { FencedError } from '../errors.ts';
import { runRetries } from './transactional-retries.ts';
import type { TransactionalSession } from './transactional-session.ts';

/** How often requests of operators are read, and what is deferred is looked through. */
export const RETRIES_EVERY_MS = 500;
/** The same while nothing is parked: a request may have come too late, or been left by an owner before. */
const RETRIES_AT_REST_EVERY_MS = 30_000;
/** How soon an idle owner notices that its database was put back, or its group made to begin anew. */
const CHECKPOINT_EVERY_MS = 5_000;

/** What an owner does between batches, each at its own interval. */
export class PeriodicChecks<Tx> {
  readonly #session: TransactionalSession<Tx>;
  #retriesAt = 0;
  #retriesAtRestAt = 0;
  #checkpointAt = performance.now() + CHECKPOINT_EVERY_MS;

  constructor(session: TransactionalSession<Tx>) {
    this.#session = session;
  }

  async retries(): Promise<void> {
    const dueAt = this.#session.blocked.size > 0 ? this.#retriesAt : this.#retriesAtRestAt;
    if (performance.now() < dueAt) return;
    await runRetries(this.#session);
    this.#retriesAt = performance.now() + RETRIES_EVERY_MS;
    this.#retriesAtRestAt = performance.now() + RETRIES_AT_REST_EVERY_MS;
  }

  /**
   * An owner without events would not notice that its database is not where it left it.
   * @throws FencedError
   */
  async checkpoint(): Promise<void> {
    if (performance.now() < this.#checkpointAt) return;
    const { shared, ownership, storedEntryId } = this.#session;
    const found = await shared.sink.current(ownership);
    if (found?.epoch !== ownership.epoch || found.checkpoint.entryId !== storedEntryId)
      throw new FencedError('looking after the checkpoint');
    this.#checkpointAt = performance.now() + CHECKPOINT_EVERY_MS;
  }
}
