import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEnvelope } from '@headrace/event-schema';
import { kindOf } from '../delivery/failures.ts';
import { type TransactionalHandler, workOf } from './session-state.ts';
import type { Move, TransactionalSink } from './sink.ts';

/** The transactions that partitions of a group share in this process. */
export interface SharedTransactions {
  /**
   * Handles events and moves the checkpoint of their partition: at once where nothing is on its way, else in the next
   * transaction, with all others that wait by then. Where that fails, or one of them would have to wait for another
   * owner's transaction, each gets its own.
   * @throws FencedError, or what the handler throws
   */
  commit(move: Move, wanted: readonly EventEnvelope[]): Promise<void>;
}

/** A group that has committed so recently is busy: what comes next is worth gathering for, this long. */
const BUSY_MS = 50;
const GATHER_MS = 5;
/** One that takes longer waits for somebody else's, which others need not wait for. */
const PATIENCE_MS = 1_000;

interface Waiting {
  readonly move: Move;
  readonly wanted: readonly EventEnvelope[];
  readonly settle: PromiseWithResolvers<void>;
}

/** @param maxEvents about how many events share a transaction at most */
export function createSharedTransactions<Tx>(
  sink: TransactionalSink<Tx>,
  handler: TransactionalHandler<Tx>,
  maxEvents: number,
): SharedTransactions {
  const waiting: Waiting[] = [];
  /** Partitions whose last transaction of their own failed: they share none until one succeeds. */
  const troubled = new Set<number>();
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

  async function commitTogether(together: readonly Waiting[]): Promise<void> {
    const moves = together.map(({ move }) => move);
    const wanted = together.flatMap((one) => one.wanted);
    try {
      await sink.moveAll(moves, workOf(handler, wanted));
      for (const { settle } of together) settle.resolve();
    } catch (error) {
      // not waited for: one that has to wait must not keep the others waiting
      for (const one of together) void commitAlone(one, error);
    }
  }

  /** @param before why the transaction that it was to share failed */
  async function commitAlone({ move, wanted, settle }: Waiting, before?: unknown): Promise<void> {
    try {
      await sink.transact(move, workOf(handler, wanted));
      troubled.delete(move.partition);
      settle.resolve();
    } catch (error) {
      troubled.add(move.partition);
      // where the answer was lost, this very move may have been made
      const isOutcomeUnknown = kindOf(before) === 'transient' && kindOf(error) === 'fenced';
      settle.reject(isOutcomeUnknown ? before : error);
    }
  }

  return {
    commit: (move, wanted) => {
      const settle = Promise.withResolvers<void>();
      const one = { move, wanted, settle };
      if (troubled.has(move.partition)) void commitAlone(one);
      else {
        waiting.push(one);
        if (!isRunning) void run();
      }
      return settle.promise;
    },
  };
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

function take(waiting: Waiting[], maxEvents: number): readonly Waiting[] {
  let events = 0;
  let count = 0;
  for (const { wanted } of waiting) {
    events += wanted.length;
    if (count > 0 && events > maxEvents) break;
    count += 1;
  }
  return waiting.splice(0, count);
}
