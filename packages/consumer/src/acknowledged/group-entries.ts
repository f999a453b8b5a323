import { PAGE_LIMITS, type RawEntry, runScript } from '@headrace/event-store';
import { isOver, type SessionContext } from '../delivery/session-context.ts';
import { scripts } from '../scripts/index.ts';
import { unlessFenced } from './fenced-reply.ts';

export interface ClaimedEntry {
  readonly entry: RawEntry;
  /** Attempts that were begun and never finished. */
  readonly attempts: number;
}

const CLAIM_PAGE = 100;

export interface GroupEntriesOptions {
  /** Of the Redis stream. */
  readonly streamKey: string;
  /** Of the hash of attempts. */
  readonly attemptsKey: string;
  /** Whether acknowledged entries are deleted. */
  readonly removeWhenDone: boolean;
}

/** The entries of a partition that the Redis group gives to its owner; every change is checked against the lease. */
export class GroupEntries {
  readonly #context: SessionContext;
  readonly #options: GroupEntriesOptions;

  constructor(context: SessionContext, options: GroupEntriesOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** The next entries: at most `count`, and fewer where they are large. */
  async fetch(count: number): Promise<readonly RawEntry[]> {
    const { redis, lease, group, instance } = this.#context;
    const args = [lease.epoch, group, instance, count, PAGE_LIMITS.bytes];
    const reply = await runScript(redis, scripts.fetch, [lease.key, this.#options.streamKey], args);
    return unlessFenced<['ok', RawEntry[]]>(reply, 'fetching')[1];
  }

  /** Everything that earlier owners left unacknowledged, in order, in pages as those of `fetch`. */
  async *claimAll(): AsyncGenerator<ClaimedEntry> {
    const { redis, lease, group, instance } = this.#context;
    const { streamKey, attemptsKey } = this.#options;
    let cursor = '0-0';
    do {
      const args = [lease.epoch, group, instance, cursor, CLAIM_PAGE, PAGE_LIMITS.bytes];
      const reply = await runScript(redis, scripts.claim, [lease.key, streamKey, attemptsKey], args);
      const claimed = unlessFenced<['ok', string, RawEntry[], number[]]>(reply, 'claiming');
      cursor = claimed[1];
      for (const [i, entry] of claimed[2].entries()) yield { entry, attempts: claimed[3][i] ?? 0 };
    } while (cursor !== '0-0' && !isOver(lease));
  }

  async acknowledge(entryIds: readonly string[]): Promise<void> {
    const { redis, lease, group } = this.#context;
    const { streamKey, attemptsKey, removeWhenDone } = this.#options;
    const args = [lease.epoch, group, removeWhenDone ? '1' : '0', ...entryIds];
    const reply = await runScript(redis, scripts.acknowledge, [lease.key, streamKey, attemptsKey], args);
    unlessFenced(reply, 'acknowledging');
  }
}
