import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEnvelope } from '@headrace/event-schema';
import { kindOf } from '../delivery/failure-kind.ts';
import { inBatchSpans, type TracedBatch } from '../tracing/batch-spans.ts';
import { type TransactionalHandler, workOf } from './transactional-handler.ts';
import type { Move, TransactionalSink, Work } from './transactional-sink.ts';

/** Within this time after a shared transaction there is much to do: it is worth waiting for others, `GATHER_MS`. */
const BUSY_MS = 50;
const GATHER_MS = 1;
/** A transaction that takes longer waits for a lock of another one, which others need not wait for. */
const PATIENCE_MS = 1_000;

interface Waiting<Tx> {
  readonly handler: TransactionalHandler<Tx>;
  readonly move: Move;
  readonly events: readonly EventEnvelope[];
  readonly settle: PromiseWithResolvers<void>;
}

/** The transactions that partitions of a process share, of one group or of several with the same sink. */
export class SharedTransactions<Tx> {
  readonly #sink: TransactionalSink<Tx>;
  readonly #maxEvents: number;
  readonly #waiting: Waiting<Tx>[] = [];
  /** Partitions of groups whose last transaction of their own failed: they share none until one succeeds. */
  readonly #failing = new Set<string>();
  #isRunning = false;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param maxEvents about how many events share a transaction at most */
  constructor(sink: TransactionalSink<Tx>, maxEvents: number) {
    this.#sink = sink;
    this.#maxEvents = maxEvents;
  }

  /**
   * Handles events and moves the checkpoint of their partition: at once where no transaction is under way, else in the
   * next one, with all others that wait by then. Where that fails, or one of them would have to wait for another
   * owner's transaction, each gets its own.
   * @throws FencedError, or what the handler throws
   */
  commit(handler: TransactionalHandler<Tx>, move: Move, events: readonly EventEnvelope[]): Promise<void> {
    const settle = Promise.withResolvers<void>();
    const waiting = { handler, move, events, settle };
    if (this.#failing.has(keyOf(move))) void this.#commitAlone(waiting);
    else {
      this.#waiting.push(waiting);
      if (!this.#isRunning) void this.#run();
    }
    return settle.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      if (performance.now() - this.#lastAt < BUSY_MS) await sleep(GATHER_MS);
      await doneOrLate(this.#commitTogether(this.#take()));
      this.#lastAt = performance.now();
    }
    this.#isRunning = false;
  }

  #take(): readonly Waiting<Tx>[] {
    let total = 0;
    let count = 0;
    for (const { events } of this.#waiting) {
      total += events.length;
      if (count > 0 && total > this.#maxEvents) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commitTogether(together: readonly Waiting<Tx>[]): Promise<void> {
    const moves = together.map(({ move }) => move);
    try {
      await inBatchSpans(together.map(batchOf), () => this.#sink.moveAll(moves, worksOf(together)));
      for (const { settle } of together) settle.resolve();
    } catch (error) {
      // not awaited: one that has to wait must not keep the others waiting
      for (const waiting of together) void this.#commitAlone(waiting, error);
    }
  }

  /** @param before why the transaction that it was to share failed */
  async #commitAlone(waiting: Waiting<Tx>, before?: unknown): Promise<void> {
    const { handler, move, events, settle } = waiting;
    try {
      await inBatchSpans([batchOf(waiting)], () => this.#sink.transact(move, workOf(handler, events)));
      this.#failing.delete(keyOf(move));
      settle.resolve();
    } catch (error) {
      const isFenced = kindOf(error) === 'fenced';
      // a partition that is another instance's by now leaves nothing behind here
      if (isFenced) this.#failing.delete(keyOf(move));
      else this.#failing.add(keyOf(move));
      // where the answer was lost, this very move may have been made
      settle.reject(isFenced && isOutcomeUnknown(before) ? before : error);
    }
  }
}

/** @param maxEvents about how many events share a transaction at most */
export function createSharedTransactions<Tx>(
  sink: TransactionalSink<Tx>,
  maxEvents: number,
): SharedTransactions<Tx> {
  return new SharedTransactions(sink, maxEvents);
}

/** Not where the server has said that it rolled back: serialisation, deadlock, lock timeout, an aborted transaction. */
function isOutcomeUnknown(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return kindOf(error) === 'transient' && !/^(40001|40P01|55P03|25P02)$/.test(String(code));
}

function keyOf({ group, partition }: Move): string {
  return `${group}/${partition}`;
}

function batchOf<Tx>({ move, events }: Waiting<Tx>): TracedBatch {
  return { group: move.group, events };
}

/** What each group has to do, in the order of their names, so that all who share lock in one order. */
function worksOf<Tx>(together: readonly Waiting<Tx>[]): readonly Work<Tx>[] {
  const byGroup = [...Map.groupBy(together, ({ move }) => move.group)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byGroup.flatMap(([, ofGroup]) => {
    const events = ofGroup.flatMap((waiting) => waiting.events);
    return ofGroup.slice(0, 1).flatMap(({ handler }) => workOf(handler, events) ?? []);
  });
}

/** Resolves when the work is done, or has taken longer than `PATIENCE_MS`. It does not reject. */
function doneOrLate(work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
