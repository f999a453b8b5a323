import { runScript } from '@headrace/event-store';
import { scripts } from '../scripts/index.ts';
import type { TransactionalSession } from './transactional-session.ts';

/** How long the sink's checkpoint may lag, after events that need nothing done. */
const SINK_LAG_MS = 100;
/** How long the mirror in Redis may lag; only operators look at it. */
const MIRROR_LAG_MS = 500;

/** Writes the session's progress to the sink and to the mirror in Redis a little later, so that it does so less often. */
export class CheckpointPublisher<Tx> {
  readonly #session: TransactionalSession<Tx>;
  #sinkDueAt = Number.POSITIVE_INFINITY;
  #mirrorDueAt = Number.POSITIVE_INFINITY;

  constructor(session: TransactionalSession<Tx>) {
    this.#session = session;
  }

  /** The session has moved on. */
  noteMove(): void {
    const now = performance.now();
    this.#sinkDueAt = Math.min(this.#sinkDueAt, nextBeat(now, SINK_LAG_MS));
    this.#mirrorDueAt = Math.min(this.#mirrorDueAt, nextBeat(now, MIRROR_LAG_MS));
  }

  /** By `performance.now()`; infinite while nothing lags. */
  get dueAt(): number {
    return Math.min(this.#sinkDueAt, this.#mirrorDueAt);
  }

  /** @throws FencedError */
  async publishWhenDue(): Promise<void> {
    const now = performance.now();
    if (now < this.dueAt) return;
    // first: the mirror shows what is stored
    await this.#session.storeCheckpoint();
    this.#sinkDueAt = Number.POSITIVE_INFINITY;
    if (now < this.#mirrorDueAt) return;
    mirror(this.#session, this.#session.context.onError);
    this.#mirrorDueAt = Number.POSITIVE_INFINITY;
  }
}

/** All sessions of a process publish at the same moments, so that what they send and receive comes together. */
function nextBeat(now: number, everyMs: number): number {
  return (Math.floor(now / everyMs) + 1) * everyMs;
}

/** The Redis group's cursor is only a mirror: it follows after the commit, and failing to move it changes nothing. */
export function mirror<Tx>(
  { context, checkpoint }: TransactionalSession<Tx>,
  onError: (error: unknown) => void,
): void {
  const { redis, lease, store, group } = context;
  if (checkpoint.entryId === null) return;
  const args = [lease.epoch, group, checkpoint.entryId, checkpoint.handledEntries];
  runScript(redis, scripts.mirror, [lease.key, store.keys.log(lease.partition)], args).catch(onError);
}
