import { type EventStore, runScript } from '@headrace/event-store';
import type { Redis } from 'ioredis';
import { scripts } from '../scripts/index.ts';
import { assign, type Owners } from './assignment.ts';
import type { Lease } from './lease.ts';
import { OwnedLease } from './owned-lease.ts';

export interface CoordinatorOptions {
  readonly store: EventStore;
  readonly redis: Redis;
  readonly group: string;
  readonly instance: string;
  /** How long a lease and a heartbeat last without renewal, ms. */
  readonly leaseMs: number;
  /** Works on a partition until the lease is lost or draining; must settle soon after. */
  readonly work: (lease: Lease) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const TICKS_A_LEASE = 5;

/** Keeps this instance's heartbeat and its fair share of the group's leases. */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  /** By partition, with the end of the work on it. */
  readonly #owned = new Map<number, { readonly lease: OwnedLease; readonly done: Promise<void> }>();
  #members: readonly string[] = [];
  #leaseChanges = 0;
  #stopped = false;
  #storeIsOpen = false;
  #timer: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #ticking: Promise<void> = Promise.resolve();

  constructor(options: CoordinatorOptions) {
    this.#options = options;
  }

  /** Live members as of the last heartbeat. */
  get members(): readonly string[] {
    return this.#members;
  }

  get leaseChanges(): number {
    return this.#leaseChanges;
  }

  start(): void {
    const { leaseMs, onError } = this.#options;
    // apart from the ticks: on a slow Redis, all that a tick asks takes longer than a lease
    this.#renewal = setInterval(() => void this.#renewAll().catch(onError), leaseMs / TICKS_A_LEASE);
    this.#schedule(0);
  }

  /** Lets every partition finish what is in flight, gives the leases back and leaves the group. */
  async stop(): Promise<void> {
    const { store, redis, group, instance, onError } = this.#options;
    this.#stopped = true;
    clearTimeout(this.#timer);
    const owned = [...this.#owned.values()];
    for (const { lease } of owned) lease.drain();
    // leases must stay ours until their work is done
    await Promise.all([this.#ticking, ...owned.map(({ done }) => done)]);
    clearInterval(this.#renewal);
    // when Redis is away, the heartbeat runs out by itself
    await redis.zrem(store.keys.members(group), instance).catch(onError);
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    const { leaseMs, onError } = this.#options;
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick()
        .catch(onError)
        .finally(() => this.#schedule(leaseMs / TICKS_A_LEASE));
    }, delayMs);
  }

  async #tick(): Promise<void> {
    const { store, redis, group, instance, leaseMs } = this.#options;
    if (!this.#storeIsOpen) {
      // the number of partitions is agreed on when the store opens
      await store.check();
      this.#storeIsOpen = true;
    }
    const reply = await runScript(redis, scripts.heartbeat, [store.keys.members(group)], [instance, leaseMs]);
    const [now, members] = reply as [string, string[]];
    this.#members = members;
    const owners = await this.#currentOwners(Number(now));
    if (!this.#stopped) await this.#moveTowards(assign(members, owners), owners);
  }

  async #currentOwners(now: number): Promise<Owners> {
    const { store, redis } = this.#options;
    const pipeline = redis.pipeline();
    for (let partition = 0; partition < store.partitions; partition += 1)
      pipeline.hmget(this.#leaseKey(partition), 'owner', 'until');
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, reply]) => {
      if (error !== null) throw error;
      const [owner, until] = reply as [string | null, string | null];
      return owner !== null && owner !== '' && Number(until) > now ? owner : null;
    });
  }

  /** Gives up what is another member's share, and acquires what is this one's and has no owner. */
  async #moveTowards(wanted: Owners, owners: Owners): Promise<void> {
    const acquisitions: Promise<void>[] = [];
    for (const [partition, owner] of wanted.entries()) {
      if (owner !== this.#options.instance) this.#owned.get(partition)?.lease.drain();
      else if (!this.#owned.has(partition) && owners[partition] === null)
        acquisitions.push(this.#acquire(partition));
    }
    await Promise.all(acquisitions);
  }

  async #acquire(partition: number): Promise<void> {
    const { redis, instance, leaseMs } = this.#options;
    const sentAt = performance.now();
    const key = this.#leaseKey(partition);
    const reply = await runScript(redis, scripts.acquireLease, [key], [instance, leaseMs]);
    const [status, epoch] = reply as ['acquired', number] | ['held', string];
    if (status === 'held') return;
    const lease = new OwnedLease({ redis, partition, key, epoch: Number(epoch), leaseMs, sentAt });
    if (this.#stopped) return await lease.giveBack();
    this.#leaseChanges += 1;
    this.#owned.set(partition, { lease, done: this.#workOn(lease) });
  }

  async #workOn(lease: OwnedLease): Promise<void> {
    const { work, onError } = this.#options;
    await work(lease).catch(onError);
    this.#owned.delete(lease.partition);
    this.#leaseChanges += 1;
    await lease.giveBack().catch(onError);
  }

  async #renewAll(): Promise<void> {
    await Promise.all([...this.#owned.values()].map(({ lease }) => lease.renew()));
  }

  #leaseKey(partition: number): string {
    return this.#options.store.keys.group(partition, this.#options.group, 'lease');
  }
}
