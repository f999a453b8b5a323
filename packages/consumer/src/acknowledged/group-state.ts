import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PAGE_LIMITS, type RawEntry, runScript } from '@headrace/event-store';
import { isOver, type SessionContext } from '../delivery/session.ts';
import { FencedError } from '../group/lease.ts';
import { scripts } from '../scripts/index.ts';
import type { DeadLetter } from '../status.ts';

/** A parked event as it stands in its stream's list. */
export interface ParkedRecord {
  readonly entryId: string;
  readonly cause: DeadLetter['cause'];
  readonly error: string | null;
  /** Absent in what an older release has parked. */
  readonly stack?: string | null;
  readonly attempts: number;
  readonly instance: string;
  readonly parkedAt: string;
  /** ISO 8601; of a deferred event. */
  readonly retryAt?: string;
}

/** What becomes of a parked record that was tried, and of the request that asked for it. */
export interface Unparking {
  /** As it stands in the list; '' for none. */
  readonly record: string;
  /** What takes its place; absent: it is removed. */
  readonly changed?: ParkedRecord;
  /** The request that is done with this; absent: none. */
  readonly request?: DoneRequest | undefined;
}

export interface DoneRequest {
  /** As it stands in the list. */
  readonly text: string;
  readonly outcome: string;
}

export interface ClaimedEntry {
  readonly entry: RawEntry;
  /** Attempts that were begun and never finished. */
  readonly attempts: number;
}

/** A group's state on one partition, in Redis; every change is checked against the lease. */
export interface GroupState {
  /** The next entries: at most `count`, and fewer where they are large. */
  fetch(count: number): Promise<readonly RawEntry[]>;
  /** Everything that earlier holders left unacknowledged, in order, in pages as those of `fetch`. */
  claimAll(): AsyncIterable<ClaimedEntry>;
  /** Runs an attempt, which counts as a crash from before it begins until after it has ended. */
  attempt(entryId: string, work: (attempts: number) => Promise<void>): Promise<void>;
  /** Attempts that were begun and never finished. */
  crashesOf(entryId: string): Promise<number>;
  /** Takes back attempts that counted as crashes, so that the next one begins anew. */
  forgive(entryId: string, attempts: number): Promise<void>;
  acknowledge(entryIds: readonly string[]): Promise<void>;
  park(stream: string, record: ParkedRecord): Promise<'parked' | 'full'>;
  /** Removes a parked record, or replaces it; returns how many of the stream are left. */
  unpark(stream: string, unparking: Unparking): Promise<number>;
  blockedStreams(): Promise<Set<string>>;
  /** With the time when each is tried again, ms since the epoch. */
  deferredStreams(): Promise<Map<string, number>>;
  firstParked(stream: string): Promise<string | null>;
  parked(stream: string): Promise<readonly string[]>;
  /** What operators asked for, oldest first. */
  requests(limit: number): Promise<readonly string[]>;
}

const CLAIM_PAGE = 100;
const END_ATTEMPT_RETRY_MS = 500;

export function createGroupState(
  context: SessionContext,
  streamKey: string,
  removeWhenDone: boolean,
): GroupState {
  const { redis, store, group, instance, lease, policy } = context;
  const key = (what: string): string => store.keys.group(lease.partition, group, what);
  const attempts = key('attempts');
  const over = AbortSignal.any([lease.lost, lease.draining]);
  const parkedKey = (stream: string): string => key(`parked:${stream}`);
  const unlessFenced = <T>(reply: unknown, what: string): T => {
    if (reply === 'fenced' || (Array.isArray(reply) && reply[0] === 'fenced')) throw new FencedError(what);
    return reply as T;
  };

  async function beginAttempt(entryId: string): Promise<number> {
    const args = [lease.epoch, entryId];
    const reply = await runScript(redis, scripts.beginAttempt, [lease.key, attempts], args);
    return unlessFenced(reply, 'beginning an attempt');
  }

  /**
   * Notes that an attempt ended without killing the process, as soon as Redis answers, whoever has the lease by
   * then. Waited for only as long as the lease is held.
   */
  async function endAttempt(entryId: string): Promise<void> {
    const noted = noteEnd(entryId);
    if (over.aborted) return;
    // who listens for longer than this would be kept for as long as the lease
    const settled = new AbortController();
    const isOver = once(over, 'abort', { signal: settled.signal });
    await Promise.race([noted, isOver]).finally(() => settled.abort());
  }

  async function noteEnd(entryId: string): Promise<void> {
    while (redis.status !== 'end') {
      const isDone = await runScript(redis, scripts.endAttempt, [attempts], [entryId]).then(
        () => true,
        () => false,
      );
      if (isDone) return;
      await sleep(END_ATTEMPT_RETRY_MS, undefined, { ref: false });
    }
  }

  async function* claimAll(): AsyncGenerator<ClaimedEntry> {
    let cursor = '0-0';
    do {
      const reply = unlessFenced<['ok', string, RawEntry[], number[]]>(
        await runScript(
          redis,
          scripts.claim,
          [lease.key, streamKey, attempts],
          [lease.epoch, group, instance, cursor, CLAIM_PAGE, PAGE_LIMITS.bytes],
        ),
        'claiming',
      );
      cursor = reply[1];
      for (const [i, entry] of reply[2].entries()) yield { entry, attempts: reply[3][i] ?? 0 };
    } while (cursor !== '0-0' && !isOver(lease));
  }

  return {
    claimAll,
    fetch: async (count) => {
      const args = [lease.epoch, group, instance, count, PAGE_LIMITS.bytes];
      const reply = await runScript(redis, scripts.fetch, [lease.key, streamKey], args);
      return unlessFenced<['ok', RawEntry[]]>(reply, 'fetching')[1];
    },
    attempt: async (entryId, work) => {
      const count = await beginAttempt(entryId).catch(async (error: unknown) => {
        // a lost answer may have counted
        if (!(error instanceof FencedError)) await endAttempt(entryId);
        throw error;
      });
      try {
        await work(count);
      } finally {
        await endAttempt(entryId);
      }
    },
    crashesOf: async (entryId) => Number((await redis.hget(attempts, entryId)) ?? 0),
    forgive: async (entryId, count) => {
      for (let one = 0; one < count; one += 1) await endAttempt(entryId);
    },
    acknowledge: async (entryIds) => {
      const args = [lease.epoch, group, removeWhenDone ? '1' : '0', ...entryIds];
      unlessFenced(
        await runScript(redis, scripts.acknowledge, [lease.key, streamKey, attempts], args),
        'acknowledging',
      );
    },
    park: async (stream, record) =>
      unlessFenced<'parked' | 'full'>(
        await runScript(
          redis,
          scripts.park,
          [lease.key, streamKey, attempts, key('blocked'), parkedKey(stream), key('deferred')],
          [
            lease.epoch,
            group,
            record.entryId,
            stream,
            JSON.stringify(record),
            policy.maxParkedPerStream,
            policy.maxBlockedStreams,
            scoreOf(record),
          ],
        ),
        'parking',
      ),
    unpark: async (stream, { record, changed, request }) => {
      const keys = [
        ...[lease.key, key('blocked'), parkedKey(stream), key('requests'), key('deferred')],
        key('finished'),
      ];
      const [inPlace, retryAt] =
        changed === undefined ? ['', ''] : [JSON.stringify(changed), scoreOf(changed)];
      const args = [
        lease.epoch,
        stream,
        record,
        inPlace,
        request?.text ?? '',
        retryAt,
        finishedText(request),
      ];
      return Number(
        unlessFenced<['ok', number]>(await runScript(redis, scripts.unpark, keys, args), 'unparking')[1],
      );
    },
    blockedStreams: async () => new Set(await redis.hkeys(key('blocked'))),
    deferredStreams: async () => {
      const flat = await redis.zrangebyscore(key('deferred'), '-inf', '+inf', 'WITHSCORES');
      const deferred = new Map<string, number>();
      for (let i = 0; i + 1 < flat.length; i += 2) deferred.set(flat[i] ?? '', Number(flat[i + 1]));
      return deferred;
    },
    firstParked: (stream) => redis.lindex(parkedKey(stream), 0),
    parked: (stream) => redis.lrange(parkedKey(stream), 0, -1),
    requests: (limit) => redis.lrange(key('requests'), 0, limit - 1),
  };
}

/** The request with what became of it; '' for none. */
function finishedText(request: DoneRequest | undefined): string {
  if (request === undefined) return '';
  const { text, outcome } = request;
  return JSON.stringify({ ...JSON.parse(text), finishedAt: new Date().toISOString(), outcome });
}

/** As the sorted set of deferred streams has it. */
function scoreOf({ retryAt }: ParkedRecord): string {
  return retryAt === undefined ? '' : String(Date.parse(retryAt));
}
