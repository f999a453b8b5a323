import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEnvelope } from '@headrace/event-schema';
import { kindOf } from '../delivery/failures.ts';
import { type TransactionalHandler, workOf } from './session-state.ts';
import type { Move, TransactionalSink, Work } from './sink.ts';

/** The transactions that partitions of a process share, of one group or of several with the same sink. */
export interface SharedTransactions<Tx> {
  /**
   * Handles events and moves the checkpoint of their partition: at once where nothing is on its way, else in the next
   * transaction, with all others that wait by then. Where that fails, or one of them would have to wait for another
   * owner's transaction, each gets its own.
   * @throws FencedError, or what the handler throws
   */
  commit(handler: TransactionalHandler<Tx>, move: Move, wanted: readonly EventEnvelope[]): Promise<void>;
}

/** Where one was committed so recently there is much to do: what comes next is worth gathering for, this long. */
const BUSY_MS = 50;
const GATHER_MS = 1;
/** One that takes longer waits for somebody else's, which others need not wait for. */
const PATIENCE_MS = 1_000;

interface Waiting<Tx> {
  readonly handler: TransactionalHandler<Tx>;
  readonly move: Move;
  readonly wanted: readonly EventEnvelope[];
  readonly settle: PromiseWithResolvers<void>;
}

/** @param maxEvents about how many events share a transaction at most */
export function createSharedTransactions<Tx>(
  sink: TransactionalSink<Tx>,
  maxEvents: number,
): SharedTransactions<Tx> {
  const waiting: Waiting<Tx>[] = [];
  /** Partitions of groups whose last transaction of their own failed: they share none until one succeeds. */
  const troubled = new Set<string>();
  let isRunning = false;
  let lastAt = Number.NEGATIVE_INFINITY;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      if (performance.now() - lastAt < BUSY_MS) await sleep(GATHER_MS);
      await doneOrLate(commitTogether(take(waiting, maxEvents)));
      lastAt = performance.now();
    }
    isRunning = false;
  }

  async function commitTogether(together: readonly Waiting<Tx>[]): Promise<void> {
    const moves = together.map(({ move }) => move);
    try {
      await sink.moveAll(moves, worksOf(together));
      for (const { settle } of together) settle.resolve();
    } catch (error) {
      // not waited for: one that has to wait must not keep the others waiting
      for (const one of together) void commitAlone(one, error);
    }
  }

  /** @param before why the transaction that it was to share failed */
  async function commitAlone(
    { handler, move, wanted, settle }: Waiting<Tx>,
    before?: unknown,
  ): Promise<void> {
    try {
      await sink.transact(move, workOf(handler, wanted));
      troubled.delete(keyOf(move));
      settle.resolve();
    } catch (error) {
      const isFenced = kindOf(error) === 'fenced';
      // a partition that is another's by now leaves nothing behind here
      if (isFenced) troubled.delete(keyOf(move));
      else troubled.add(keyOf(move));
      // where the answer was lost, this very move may have been made
      settle.reject(isFenced && isOutcomeUnknown(before) ? before : error);
    }
  }

  return {
    commit: (handler, move, wanted) => {
      const settle = Promise.withResolvers<void>();
      const one = { handler, move, wanted, settle };
      if (troubled.has(keyOf(move))) void commitAlone(one);
      else {
        waiting.push(one);
        if (!isRunning) void run();
      }
      return settle.promise;
    },
  };
}

/** Not where the server has said that it rolled back: serialisation, deadlock, lock timeout, an aborted transaction. */
function isOutcomeUnknown(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return kindOf(error) === 'transient' && !/^(40001|40P01|55P03|25P02)$/.test(String(code));
}

function keyOf({ group, partition }: Move): string {
  return `${group}/${partition}`;
}

/** What each group has to do, in the order of their names, so that all who share lock in one order. */
function worksOf<Tx>(together: readonly Waiting<Tx>[]): readonly Work<Tx>[] {
  const byGroup = [...Map.groupBy(together, ({ move }) => move.group)].sort(([a], [b]) => (a < b ? -1 : 1));
  return byGroup.flatMap(([, ofGroup]) => {
    const wanted = ofGroup.flatMap((one) => one.wanted);
    return ofGroup.slice(0, 1).flatMap(({ handler }) => workOf(handler, wanted) ?? []);
  });
}

/** Resolves when the work is done, or has outlasted our patience. It does not reject. */
function doneOrLate(work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    void work.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function take<Tx>(waiting: Waiting<Tx>[], maxEvents: number): readonly Waiting<Tx>[] {
  let events = 0;
  let count = 0;
  for (const { wanted } of waiting) {
    events += wanted.length;
    if (count > 0 && events > maxEvents) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
