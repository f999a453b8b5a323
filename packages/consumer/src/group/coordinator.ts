import { type EventStore, runScript } from '@headrace/event-store';
import type { Redis } from 'ioredis';
import { scripts } from '../scripts/index.ts';
import { assign } from './assignment.ts';
import { FencedError, type Lease } from './lease.ts';

export interface CoordinatorOptions {
  readonly store: EventStore;
  readonly redis: Redis;
  readonly group: string;
  readonly instance: string;
  /** How long a lease and a heartbeat hold, ms. */
  readonly leaseMs: number;
  /** Works on a partition until the lease is lost or draining; must settle soon after. */
  readonly work: (lease: Lease) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface Coordinator {
  /** Live members as of the last heartbeat. */
  members(): readonly string[];
  leaseChanges(): number;
  start(): void;
  /** Lets every partition finish what is in flight, gives the leases back and leaves the group. */
  stop(): Promise<void>;
}

interface Held {
  readonly lease: Lease;
  epoch: number;
  readonly lost: AbortController;
  readonly draining: AbortController;
  expiry: NodeJS.Timeout;
  readonly done: Promise<void>;
}

/** An owner counts its lease as lost this much sooner than Redis does, as a share of its length. */
const SAFETY_SHARE = 0.15;
const TICKS_A_LEASE = 5;

/** Keeps this instance's heartbeat and its fair share of the group's leases. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { store, redis, group, instance, leaseMs, onError } = options;
  const held = new Map<number, Held>();
  const leaseKey = (partition: number): string => store.keys.group(partition, group, 'lease');
  let members: readonly string[] = [];
  let leaseChanges = 0;
  let stopped = false;
  let storeIsOpen = false;
  let timer: NodeJS.Timeout | undefined;
  let renewal: NodeJS.Timeout | undefined;
  let ticking: Promise<void> = Promise.resolve();

  async function tick(): Promise<void> {
    if (!storeIsOpen) {
      // before that nobody has agreed on the number of partitions
      await store.check();
      storeIsOpen = true;
    }
    const reply = await runScript(redis, scripts.heartbeat, [store.keys.members(group)], [instance, leaseMs]);
    const [now, alive] = reply as [string, string[]];
    members = alive;
    const owners = await currentOwners(Number(now));
    if (!stopped) await moveTowards(assign(alive, owners), owners);
  }

  /** Gives up what is another's share, and acquires what is ours and nobody holds. */
  async function moveTowards(
    wanted: readonly (string | null)[],
    owners: readonly (string | null)[],
  ): Promise<void> {
    const acquisitions: Promise<void>[] = [];
    for (const [partition, owner] of wanted.entries()) {
      if (owner !== instance) held.get(partition)?.draining.abort();
      else if (!held.has(partition) && owners[partition] === null) acquisitions.push(acquire(partition));
    }
    await Promise.all(acquisitions);
  }

  async function currentOwners(now: number): Promise<(string | null)[]> {
    const pipeline = redis.pipeline();
    for (let partition = 0; partition < store.partitions; partition += 1)
      pipeline.hmget(leaseKey(partition), 'owner', 'until');
    const replies = (await pipeline.exec()) ?? [];
    return replies.map(([error, reply]) => {
      if (error !== null) throw error;
      const [owner, until] = reply as [string | null, string | null];
      return owner !== null && owner !== '' && Number(until) > now ? owner : null;
    });
  }

  async function acquire(partition: number): Promise<void> {
    const sentAt = performance.now();
    const reply = await runScript(redis, scripts.acquireLease, [leaseKey(partition)], [instance, leaseMs]);
    const [status, epoch] = reply as ['acquired', number] | ['held', string];
    if (status === 'held') return;
    if (stopped) {
      await runScript(redis, scripts.renewLease, [leaseKey(partition)], [Number(epoch), 0, Number(epoch)]);
      return;
    }
    leaseChanges += 1;
    hold(partition, Number(epoch), sentAt);
  }

  function hold(partition: number, epoch: number, sentAt: number): void {
    const lost = new AbortController();
    const draining = new AbortController();
    const lease: Lease = {
      partition,
      key: leaseKey(partition),
      get epoch() {
        return entry.epoch;
      },
      lost: lost.signal,
      draining: draining.signal,
      raiseEpoch: (to) => raise(entry, to),
    };
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const entry: Held = { lease, epoch, lost, draining, expiry: expireAt(lost, sentAt), done };
    held.set(partition, entry);
    options
      .work(lease)
      .catch(onError)
      .then(() => giveBack(entry))
      .catch(onError)
      .finally(resolve);
  }

  function expireAt(lost: AbortController, sentAt: number): NodeJS.Timeout {
    const deadline = sentAt + leaseMs * (1 - SAFETY_SHARE);
    return setTimeout(() => lost.abort(), Math.max(0, deadline - performance.now()));
  }

  async function giveBack(entry: Held): Promise<void> {
    clearTimeout(entry.expiry);
    held.delete(entry.lease.partition);
    leaseChanges += 1;
    if (entry.lost.signal.aborted) return;
    entry.lost.abort();
    await runScript(redis, scripts.renewLease, [entry.lease.key], [entry.epoch, 0, entry.epoch]);
  }

  async function raise(entry: Held, to: number): Promise<void> {
    const sentAt = performance.now();
    const reply = await runScript(redis, scripts.renewLease, [entry.lease.key], [entry.epoch, leaseMs, to]);
    if (reply === 'lost') throw new FencedError('raising the epoch');
    entry.epoch = to;
    clearTimeout(entry.expiry);
    entry.expiry = expireAt(entry.lost, sentAt);
  }

  async function renewAll(): Promise<void> {
    await Promise.all(
      [...held.values()].map(async (entry) => {
        const sentAt = performance.now();
        const { epoch } = entry;
        const reply = await runScript(redis, scripts.renewLease, [entry.lease.key], [epoch, leaseMs, epoch]);
        if (epoch !== entry.epoch) return;
        if (reply === 'lost') entry.lost.abort();
        if (reply === 'lost' || held.get(entry.lease.partition) !== entry) return;
        clearTimeout(entry.expiry);
        entry.expiry = expireAt(entry.lost, sentAt);
      }),
    );
  }

  function start(): void {
    // waits for nothing else: where Redis is slow, all that a tick asks it takes longer than a lease
    renewal = setInterval(() => void renewAll().catch(onError), leaseMs / TICKS_A_LEASE);
    schedule(0);
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      ticking = tick()
        .catch(onError)
        .finally(() => schedule(leaseMs / TICKS_A_LEASE));
    }, delayMs);
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearTimeout(timer);
    const entries = [...held.values()];
    for (const entry of entries) entry.draining.abort();
    // leases must stay ours until their work is done
    await Promise.all([ticking, ...entries.map((entry) => entry.done)]);
    clearInterval(renewal);
    // when Redis is away, the heartbeat runs out by itself
    await redis.zrem(store.keys.members(group), instance).catch(onError);
  }

  return { members: () => members, leaseChanges: () => leaseChanges, start, stop };
}
