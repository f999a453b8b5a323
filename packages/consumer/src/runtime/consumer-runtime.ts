import type { Redis } from 'ioredis';
import type { ConsumerStatus, PartitionStatus } from '../admin/consumer-status.ts';
import { newProgress, type PartitionProgress } from '../delivery/partition-progress.ts';
import type { SessionContext } from '../delivery/session-context.ts';
import { Wake } from '../delivery/wake.ts';
import { Coordinator } from '../group/coordinator.ts';
import type { Lease } from '../group/lease.ts';
import { connectForBlocking, connectForGroupState } from './connections.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import { workOnPartition } from './partition-loop.ts';

/** A partition that this instance owns now. */
export interface OwnedPartition {
  readonly lease: Lease;
  readonly progress: PartitionProgress;
}

/** What differs between the two modes. */
export interface Mode {
  readonly name: ConsumerStatus['mode'];
  /** Closed by its creator. Default: one of the runtime's own. */
  readonly wake?: Wake;
  /** Works on one partition until the lease is lost or draining. */
  runSession(context: SessionContext): Promise<void>;
  /** How far the group has come on a partition. */
  lagOf(
    redis: Redis,
    owned: OwnedPartition,
  ): Promise<Pick<PartitionStatus, 'position' | 'lagEvents' | 'lagSeconds'>>;
}

/** The part of a consumer that is the same in both modes. */
export interface Runtime {
  /** For group state and requests; open as long as the consumer is. */
  readonly redis: Redis;
  start(): void;
  stop(): Promise<void>;
  status(): Promise<ConsumerStatus>;
}

/** Connects at once; nothing is consumed before `start`. */
export function createRuntime(settings: ConsumerSettings, mode: Mode): Runtime {
  const { store, group, instance, policy, leaseMs, onError, onParked } = settings;
  const redis = connectForGroupState(store, onError);
  const wake = mode.wake ?? new Wake(() => connectForBlocking(store, onError), redis);
  const totals = { handled: 0, retried: 0, parked: 0 };
  const owned = new Map<number, OwnedPartition>();

  async function work(lease: Lease): Promise<void> {
    const progress = newProgress();
    owned.set(lease.partition, { lease, progress });
    try {
      const shared = { store, redis, wake, group, instance, policy, totals, onError, onParked };
      const context = { ...shared, lease, progress };
      await workOnPartition(context, mode.runSession);
    } finally {
      owned.delete(lease.partition);
    }
  }

  const coordinator = new Coordinator({ store, redis, group, instance, leaseMs, work, onError });

  return {
    redis,
    start: () => coordinator.start(),
    stop: async () => {
      await coordinator.stop();
      if (mode.wake === undefined) wake.close();
      redis.disconnect();
    },
    status: async () => ({
      group,
      instance,
      mode: mode.name,
      members: coordinator.members,
      partitions: await partitionStatuses(redis, mode, owned),
      totals: { ...totals, leaseChanges: coordinator.leaseChanges },
    }),
  };
}

async function partitionStatuses(
  redis: Redis,
  mode: Mode,
  owned: ReadonlyMap<number, OwnedPartition>,
): Promise<PartitionStatus[]> {
  const inOrder = [...owned.values()].sort((a, b) => a.lease.partition - b.lease.partition);
  return await Promise.all(
    inOrder.map(async (partition) => {
      const { lease, progress } = partition;
      const lag = await mode.lagOf(redis, partition);
      const { state, reason, inFlight, blockedStreams, deferredStreams } = progress;
      const status = {
        partition: lease.partition,
        epoch: lease.epoch,
        state,
        inFlight,
        blockedStreams,
        deferredStreams,
        ...lag,
      };
      return reason === undefined ? status : { ...status, reason };
    }),
  );
}

/** Seconds since an entry was recorded, by Redis's clock; 0 for no entry. */
export async function ageSeconds(redis: Redis, entryId: string | null): Promise<number> {
  if (entryId === null) return 0;
  const [seconds, micros] = await redis.time();
  const nowMs = Number(seconds) * 1_000 + Number(micros) / 1_000;
  return Math.max(0, (nowMs - Number.parseInt(entryId, 10)) / 1_000);
}
