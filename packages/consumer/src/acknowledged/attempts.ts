import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runScript } from '@headrace/event-store';
import type { SessionContext } from '../delivery/session-context.ts';
import { FencedError } from '../errors.ts';
import { scripts } from '../scripts/index.ts';
import { unlessFenced } from './fenced-reply.ts';

const END_RETRY_MS = 500;

/** Attempts that were begun and never finished, of each entry of a partition: as often the process may have died of it. */
export class Attempts {
  readonly #context: SessionContext;
  readonly #key: string;
  readonly #over: AbortSignal;

  /** @param key of the hash of attempts */
  constructor(context: SessionContext, key: string) {
    this.#context = context;
    this.#key = key;
    this.#over = AbortSignal.any([context.lease.lost, context.lease.draining]);
  }

  /** Runs an attempt, which counts as a crash from before it begins until after it has ended. @throws FencedError */
  async run(entryId: string, work: () => Promise<void>): Promise<void> {
    await this.#begin(entryId);
    try {
      await work();
    } finally {
      await this.#end(entryId);
    }
  }

  /** Attempts that were begun and never finished. */
  async crashesOf(entryId: string): Promise<number> {
    return Number((await this.#context.redis.hget(this.#key, entryId)) ?? 0);
  }

  /** Takes back attempts that counted as crashes, so that the next one begins anew. */
  async forgive(entryId: string, attempts: number): Promise<void> {
    for (let i = 0; i < attempts; i += 1) await this.#end(entryId);
  }

  async #begin(entryId: string): Promise<void> {
    const { redis, lease } = this.#context;
    const keys = [lease.key, this.#key];
    try {
      const reply = await runScript(redis, scripts.beginAttempt, keys, [lease.epoch, entryId]);
      unlessFenced(reply, 'beginning an attempt');
    } catch (error) {
      // a lost answer may have counted
      if (!(error instanceof FencedError)) await this.#end(entryId);
      throw error;
    }
  }

  /**
   * Notes that an attempt ended without killing the process, as soon as Redis answers, whoever has the lease by
   * then. Waited for only as long as the lease is owned.
   */
  async #end(entryId: string): Promise<void> {
    const noted = this.#noteEnd(entryId);
    if (this.#over.aborted) return;
    // a listener that is not removed would stay for as long as the lease
    const settled = new AbortController();
    const isOver = once(this.#over, 'abort', { signal: settled.signal });
    await Promise.race([noted, isOver]).finally(() => settled.abort());
  }

  async #noteEnd(entryId: string): Promise<void> {
    const { redis } = this.#context;
    while (redis.status !== 'end') {
      const isDone = await runScript(redis, scripts.endAttempt, [this.#key], [entryId]).then(
        () => true,
        () => false,
      );
      if (isDone) return;
      await sleep(END_RETRY_MS, undefined, { ref: false });
    }
  }
}
