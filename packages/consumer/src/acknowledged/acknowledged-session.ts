import { PAGE_LIMITS, type RawEntry } from '@headrace/event-store';
import { processGate } from '../delivery/gate.ts';
import { isOver, type SessionContext } from '../delivery/session-context.ts';
import { partOf } from '../group/lease.ts';
import { ensureGroup, groupInfo } from '../group/redis-group.ts';
import { type AcknowledgedPartition, openPartition } from './acknowledged-partition.ts';
import { DueRetries, REQUESTS_AT_REST_EVERY_MS, REQUESTS_EVERY_MS } from './due-retries.ts';
import type { Inbox } from './inbox.ts';
import { MessageWorker } from './message-worker.ts';

/** Several pages, so that one slow stream with large messages does not soon keep the others waiting. */
const MAX_CHARACTERS_IN_LANES = 4 * PAGE_LIMITS.bytes;

/**
 * Works on one partition in acknowledged mode until the lease is lost or draining: at least once, nothing
 * acknowledged before its effect, each sequence in order. When it fails, everything it had begun has settled: the
 * next session would handle the same entries beside it.
 */
export async function runAcknowledgedSession<Message>(
  owner: SessionContext,
  inbox: Inbox<Message>,
): Promise<void> {
  const ended = new AbortController();
  const context = { ...owner, lease: partOf(owner.lease, ended.signal) };
  await ensureGroup(context.redis, inbox.key(context.lease.partition), context.group);
  const session = new AcknowledgedSession(await openPartition(context, inbox));
  try {
    await session.recover();
    await session.work();
  } catch (error) {
    ended.abort();
    await session.close();
    throw error;
  }
  await session.flush();
}

/** Feeds the lanes of a partition with its entries. */
class AcknowledgedSession<Message> {
  readonly #partition: AcknowledgedPartition<Message>;
  readonly #retries: DueRetries<Message>;
  readonly #worker: MessageWorker<Message>;
  /** Of the values of all entries in the lanes. */
  #charactersInLanes = 0;

  constructor(partition: AcknowledgedPartition<Message>) {
    this.#partition = partition;
    this.#retries = new DueRetries(partition);
    this.#worker = new MessageWorker(partition, this.#retries);
  }

  /** Handles what earlier owners left behind, which comes first. */
  async recover(): Promise<void> {
    const { context, entries } = this.#partition;
    for await (const { entry, attempts } of entries.claimAll()) {
      while (!isOver(context.lease) && !this.#hasRoom()) {
        this.#worker.requireAcknowledged();
        await this.#retries.addDue();
        await this.#untilRoom();
      }
      if (isOver(context.lease)) return;
      this.#add(entry, (entryId, message) => this.#worker.recover(entryId, message, attempts));
    }
  }

  async work(): Promise<void> {
    const { context, lanes } = this.#partition;
    while (!isOver(context.lease)) {
      this.#worker.requireAcknowledged();
      await this.#retries.addDue();
      if (this.#hasRoom()) await this.#fetch();
      else await this.#untilRoom();
    }
    await lanes.until(1);
  }

  /** Resolves when everything that is handled is acknowledged. */
  async flush(): Promise<void> {
    await this.#worker.flush();
  }

  /** Resolves when everything that had begun has settled. */
  async close(): Promise<void> {
    await this.#partition.lanes.close();
    await this.flush().catch(this.#partition.context.onError);
  }

  /** Half of what may be in the lanes is fetched at once, so that calls are few. */
  get #half(): number {
    return Math.max(1, this.#partition.context.policy.batchSize / 2);
  }

  #hasRoom(): boolean {
    return this.#partition.lanes.size < this.#half && this.#charactersInLanes < MAX_CHARACTERS_IN_LANES;
  }

  async #untilRoom(): Promise<void> {
    const { lanes } = this.#partition;
    const below = this.#charactersInLanes < MAX_CHARACTERS_IN_LANES ? this.#half : lanes.size;
    await lanes.until(below, REQUESTS_EVERY_MS);
  }

  async #fetch(): Promise<void> {
    const { context, entries, lanes } = this.#partition;
    const { lease, progress, policy } = context;
    const at = performance.now();
    const fetched = await processGate.shared(async () =>
      // what a draining owner took would have to be recovered by the next one
      isOver(lease) ? [] : await entries.fetch(policy.batchSize - lanes.size),
    );
    for (const entry of fetched) this.#add(entry, (entryId, message) => this.#worker.work(entryId, message));
    progress.inFlight = lanes.size;
    if (fetched.length === 0) return await this.#settledOrGrown(at);
    if (progress.state === 'starting' || progress.state === 'idle') progress.state = 'running';
  }

  #add([entryId, fields]: RawEntry, work: (entryId: string, message: Message) => Promise<void>): void {
    const { context, inbox, lanes } = this.#partition;
    const message = inbox.decode(context.lease.partition, entryId, fields ?? []);
    const characters = charactersIn(fields ?? []);
    this.#charactersInLanes += characters;
    lanes.add(inbox.sequenceOf(message), async () => {
      try {
        // what has not begun when the lease ends stays pending, for the next owner
        if (!isOver(context.lease)) await work(entryId, message);
      } finally {
        this.#charactersInLanes -= characters;
      }
    });
  }

  /**
   * Resolves when something in flight has settled, the Redis stream has grown since a read that found nothing, or it
   * is time to read requests.
   * @param at when that read was asked for, by `performance.now()`
   */
  async #settledOrGrown(at: number): Promise<void> {
    const { context, blocked, lanes, streamKey } = this.#partition;
    const { lease, progress, wake, redis, group } = context;
    const entryId = (await groupInfo(redis, streamKey, group))?.lastDeliveredId ?? '0-0';
    if (lanes.size === 0) Object.assign(progress, { state: 'idle', reason: undefined });
    const settled = new AbortController();
    const end = AbortSignal.any([lease.lost, lease.draining, settled.signal]);
    const patienceMs = blocked.size > 0 ? REQUESTS_EVERY_MS : REQUESTS_AT_REST_EVERY_MS;
    const grown = wake.wait(streamKey, { entryId, at }, end, patienceMs);
    if (lanes.size === 0) {
      await grown;
      return;
    }
    const oneLess = lanes.until(lanes.size, REQUESTS_EVERY_MS);
    // a failure that comes after the race is remembered by the lanes and reported next time
    oneLess.catch(() => undefined);
    try {
      await Promise.race([oneLess, grown]);
    } finally {
      settled.abort();
    }
  }
}

function charactersIn(fields: readonly string[]): number {
  let characters = 0;
  for (let i = 1; i < fields.length; i += 2) characters += fields[i]?.length ?? 0;
  return characters;
}
