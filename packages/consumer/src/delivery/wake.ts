import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { BlockingReads } from './blocking-reads.ts';
import { type ReadUpTo, StreamTail } from './stream-tail.ts';

/** Waiters read again after that, whatever happened to the connection. */
const PATIENCE_MS = 2_000;
/** Streams without a waiter for this time are no longer listened to. */
const FORGET_MS = 1_000;
/** Time between two blocking reads: what arrives meanwhile wakes together. */
const PACE_MS = 2;
const RETRY_MS = 100;

/** Tells idle partitions that their Redis stream has grown, over one blocking connection for all of them. */
export class Wake {
  readonly #reads: BlockingReads;
  readonly #tails = new Map<string, StreamTail>();
  #closed = false;
  #onTail: (() => void) | undefined;

  /**
   * @param connect makes a connection on which nothing is sent twice; closed by the wake
   * @param control another connection, to interrupt the blocked one when there is more to listen to
   */
  constructor(connect: () => Redis, control: Redis) {
    this.#reads = new BlockingReads(connect, control);
    void this.#listen();
  }

  /**
   * Resolves when `key` holds an entry after what was read, when `signal` aborts, or after `patienceMs`, 2,000 at the
   * latest; with whether it is known to hold one.
   */
  async wait(
    key: string,
    read: ReadUpTo,
    signal: AbortSignal,
    patienceMs: number = PATIENCE_MS,
  ): Promise<boolean> {
    if (this.#closed || signal.aborted) return false;
    const tail = this.#tailOf(key, read);
    tail.touch();
    // this reader may have read further than all others
    tail.note(read.entryId);
    if (tail.isBehind(read)) return true;
    return await tail.wait(read.entryId, signal, Math.min(patienceMs, PATIENCE_MS));
  }

  close(): void {
    this.#closed = true;
    this.#onTail?.();
    this.#reads.close();
    for (const tail of this.#tails.values()) tail.close();
  }

  #tailOf(key: string, { entryId }: ReadUpTo): StreamTail {
    const known = this.#tails.get(key);
    if (known !== undefined) return known;
    const tail = new StreamTail(entryId);
    this.#tails.set(key, tail);
    this.#onTail?.();
    void this.#reads.include(key);
    return tail;
  }

  async #listen(): Promise<void> {
    while (!this.#closed) {
      this.#forgetUnused();
      if (this.#tails.size > 0) await sleep(await this.#listenOnce());
      else
        await new Promise<void>((resolve) => {
          this.#onTail = resolve;
        });
    }
  }

  /** @returns how long to wait before the next time, ms */
  async #listenOnce(): Promise<number> {
    const positions = new Map([...this.#tails].map(([key, { entryId }]) => [key, entryId]));
    try {
      const grown = await this.#reads.read(positions);
      for (const [key, entryId] of grown) this.#tails.get(key)?.note(entryId);
      if (grown.size === 0) this.#startFromWaiters();
      return PACE_MS;
    } catch {
      this.#startFromWaiters();
      return RETRY_MS;
    }
  }

  #startFromWaiters(): void {
    for (const tail of this.#tails.values()) tail.startFromWaiters();
  }

  #forgetUnused(): void {
    const longAgo = performance.now() - FORGET_MS;
    for (const [key, tail] of this.#tails) if (tail.isUnusedSince(longAgo)) this.#tails.delete(key);
  }
}
