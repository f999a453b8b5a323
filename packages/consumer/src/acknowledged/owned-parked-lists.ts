import { runScript } from '@headrace/event-store';
import type { ParkedEvent } from '../dead-letters/parked-event.ts';
import type { FinishedRequest, ParkedChange } from '../dead-letters/parked-retries.ts';
import type { SessionContext } from '../delivery/session-context.ts';
import { scripts } from '../scripts/index.ts';
import { unlessFenced } from './fenced-reply.ts';
import {
  formatParkedRecord,
  parseParkedRecord,
  type RecordedParkedEvent,
  retryScoreOf,
} from './parked-record.ts';

/** A group's parked events on one partition, in Redis, for its owner; every change is checked against the lease. */
export class OwnedParkedLists {
  readonly #context: SessionContext;
  readonly #streamKey: string;

  /** @param streamKey of the Redis stream */
  constructor(context: SessionContext, streamKey: string) {
    this.#context = context;
    this.#streamKey = streamKey;
  }

  /** Parks an event and acknowledges it. Full: the policy's bounds leave no room, and nothing has changed. */
  async park(event: ParkedEvent): Promise<'parked' | 'full'> {
    const { redis, lease, group, policy } = this.#context;
    const { stream, entryId } = event;
    const record = formatParkedRecord({ ...event, parkedAt: new Date().toISOString() });
    const keys = [
      ...[lease.key, this.#streamKey, this.key('attempts'), this.key('blocked')],
      ...[this.#parkedKey(stream), this.key('deferred')],
    ];
    const bounds = [policy.maxParkedPerStream, policy.maxBlockedStreams];
    const args = [lease.epoch, group, entryId, stream, record, ...bounds, retryScoreOf(event)];
    return unlessFenced(await runScript(redis, scripts.park, keys, args), 'parking');
  }

  /** Removes a parked event, or replaces it, and finishes a request. */
  async unpark(stream: string, change: ParkedChange<RecordedParkedEvent>): Promise<void> {
    const { parked, failed, finished } = change;
    const { redis, lease } = this.#context;
    const keys = [
      ...[lease.key, this.key('blocked'), this.#parkedKey(stream), this.key('requests')],
      ...[this.key('deferred'), this.key('finished')],
    ];
    const [changed, retryAt] =
      failed === undefined ? ['', ''] : [formatParkedRecord(failed), retryScoreOf(failed)];
    const [request, done] = finished === undefined ? ['', ''] : [finished.id, finishedText(finished)];
    const args = [lease.epoch, stream, parked?.text ?? '', changed, request, retryAt, done];
    unlessFenced(await runScript(redis, scripts.unpark, keys, args), 'unparking');
  }

  async blockedStreams(): Promise<readonly string[]> {
    return await this.#context.redis.hkeys(this.key('blocked'));
  }

  /** With the time when each is tried again, ms since the epoch. */
  async deferredStreams(): Promise<Map<string, number>> {
    const flat = await this.#context.redis.zrangebyscore(this.key('deferred'), '-inf', '+inf', 'WITHSCORES');
    const deferred = new Map<string, number>();
    for (let i = 0; i + 1 < flat.length; i += 2) deferred.set(flat[i] ?? '', Number(flat[i + 1]));
    return deferred;
  }

  async first(stream: string): Promise<RecordedParkedEvent | undefined> {
    const text = await this.#context.redis.lindex(this.#parkedKey(stream), 0);
    return text === null ? undefined : this.#parse(stream, text);
  }

  async all(stream: string): Promise<readonly RecordedParkedEvent[]> {
    const texts = await this.#context.redis.lrange(this.#parkedKey(stream), 0, -1);
    return texts.map((text) => this.#parse(stream, text));
  }

  /** What operators asked for, oldest first, as JSON. */
  async requests(limit: number): Promise<readonly string[]> {
    return await this.#context.redis.lrange(this.key('requests'), 0, limit - 1);
  }

  /** Of the group's state on this partition. */
  key(what: string): string {
    const { store, lease, group } = this.#context;
    return store.keys.group(lease.partition, group, what);
  }

  #parkedKey(stream: string): string {
    return this.key(`parked:${stream}`);
  }

  #parse(stream: string, text: string): RecordedParkedEvent {
    const { group, lease } = this.#context;
    return parseParkedRecord({ group, partition: lease.partition, stream }, text);
  }
}

/** The request as it is kept once it is done. */
function finishedText({ id, outcome }: FinishedRequest): string {
  return JSON.stringify({ ...JSON.parse(id), finishedAt: new Date().toISOString(), outcome });
}
