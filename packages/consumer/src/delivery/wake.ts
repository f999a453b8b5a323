import { setTimeout as sleep } from 'node:timers/promises';
import { compareEntryIds } from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import { type BlockingReads, createBlockingReads } from './blocking-reads.ts';

/** How far a Redis stream has been read, by somebody who found nothing behind that. */
export interface ReadUpTo {
  readonly entryId: string;
  /** When the read that found nothing was asked for, or earlier; by `performance.now()`. */
  readonly at: number;
}

/** Tells idle partitions that their Redis stream has grown, over one blocking connection for all of them. */
export interface Wake {
  /**
   * Resolves when `key` holds an entry after what was read, when `signal` aborts, or after so many milliseconds, 2,000
   * at the latest; with whether it is known to hold one.
   */
  wait(key: string, read: ReadUpTo, signal: AbortSignal, patienceMs?: number): Promise<boolean>;
  close(): void;
}

/** Waiters look for themselves after that, whatever happened to the connection. */
const PATIENCE_MS = 2_000;
/** Streams that nobody has waited for in this time are no longer listened to. */
const FORGET_MS = 1_000;
/** Time between two blocking reads: what arrives meanwhile wakes together. */
const PACE_MS = 2;
const RETRY_MS = 100;

interface Waiter {
  readonly entryId: string;
  readonly resolve: (isNews: boolean) => void;
}

/** What is known of a Redis stream's end. */
interface Tail {
  /** The last entry that is known of. */
  entryId: string;
  /** When that became known, or later: who has read before may have missed it. */
  at: number;
  waitedAt: number;
  readonly waiters: Set<Waiter>;
}

/**
 * @param connect makes a connection on which nothing is sent twice; closed by the wake
 * @param control another connection, to interrupt the blocked one when there is more to listen to
 */
export function createWake(connect: () => Redis, control: Redis): Wake {
  const reads = createBlockingReads(connect, control);
  const tails = new Map<string, Tail>();
  let closed = false;
  let somebodyWaits: (() => void) | undefined;

  async function listen(): Promise<void> {
    while (!closed) {
      forgetTheUnwanted(tails);
      if (tails.size === 0) {
        await new Promise<void>((resolve) => {
          somebodyWaits = resolve;
        });
        continue;
      }
      await sleep(await listenOnce(reads, tails));
    }
  }

  function tailOf(key: string, { entryId }: ReadUpTo): Tail {
    const known = tails.get(key);
    if (known !== undefined) return known;
    const tail: Tail = { entryId, at: performance.now(), waitedAt: 0, waiters: new Set() };
    tails.set(key, tail);
    somebodyWaits?.();
    void reads.include(key);
    return tail;
  }

  void listen();
  return {
    wait: (key, read, signal, patienceMs = PATIENCE_MS) =>
      new Promise((resolve) => {
        if (closed || signal.aborted) return resolve(false);
        const tail = tailOf(key, read);
        tail.waitedAt = performance.now();
        // somebody else may have read further meanwhile
        note(tail, read.entryId);
        if (tail.at >= read.at && compareEntryIds(tail.entryId, read.entryId) > 0) return resolve(true);
        const finish = (isNews: boolean): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          tail.waiters.delete(waiter);
          resolve(isNews);
        };
        const giveUp = (): void => finish(false);
        const waiter: Waiter = { entryId: read.entryId, resolve: finish };
        const timer = setTimeout(giveUp, Math.min(patienceMs, PATIENCE_MS));
        signal.addEventListener('abort', giveUp);
        tail.waiters.add(waiter);
      }),
    close: () => {
      closed = true;
      somebodyWaits?.();
      reads.close();
      for (const { waiters } of tails.values()) for (const waiter of [...waiters]) waiter.resolve(false);
    },
  };
}

/** @returns how long to wait before the next time, ms */
async function listenOnce(reads: BlockingReads, tails: ReadonlyMap<string, Tail>): Promise<number> {
  const positions = new Map([...tails].map(([key, { entryId }]) => [key, entryId]));
  try {
    const grown = await reads.read(positions);
    for (const [key, entryId] of grown) {
      const tail = tails.get(key);
      if (tail !== undefined) note(tail, entryId);
    }
    if (grown.size === 0) startFromWaiters(tails);
    return PACE_MS;
  } catch {
    startFromWaiters(tails);
    return RETRY_MS;
  }
}

function note(tail: Tail, entryId: string): void {
  if (compareEntryIds(entryId, tail.entryId) <= 0) return;
  tail.entryId = entryId;
  tail.at = performance.now();
  for (const waiter of [...tail.waiters])
    if (compareEntryIds(waiter.entryId, entryId) < 0) waiter.resolve(true);
}

/** A stream may have lost its end: those who wait have looked since. */
function startFromWaiters(tails: ReadonlyMap<string, Tail>): void {
  for (const tail of tails.values()) {
    for (const { entryId } of tail.waiters) {
      if (compareEntryIds(entryId, tail.entryId) >= 0) continue;
      tail.entryId = entryId;
      tail.at = performance.now();
    }
  }
}

function forgetTheUnwanted(tails: Map<string, Tail>): void {
  const longAgo = performance.now() - FORGET_MS;
  for (const [key, { waiters, waitedAt }] of tails)
    if (waiters.size === 0 && waitedAt < longAgo) tails.delete(key);
}
