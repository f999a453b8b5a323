import type { EventStore } from '@headrace/event-store';
import type { ApiName } from '../load/client.ts';
import { declarations } from './declared.ts';
import type { Inspector } from './inspector.ts';

/** The PostgreSQL schema of a service whose groups are transactional, and those groups. */
export const transactionalGroups = {
  'projection-service': {
    schema: 'projections',
    groups: [
      'projection:orders:v2',
      'projection:accounts:v3',
      'projection:users:v2',
      'projection:audit_log:v1',
      'projection:daily_summary:v1',
      'projection:account_days:v2',
      ...declarations.map(({ projectionId }) => `projection:${projectionId}:v1`),
    ],
  },
  'analytics-worker': { schema: 'analytics', groups: ['analytics'] },
  'billing-worker': { schema: 'billing', groups: ['billing'] },
} as const;

export const MAIL_GROUP = 'email';

/** The categories whose durable commands an API executes. */
export const commandCategories: Readonly<Record<ApiName, readonly string[]>> = {
  'order-api': ['order'],
  'event-api': ['account', 'user'],
};

/** The group that executes a category's commands. */
export function commandGroup(category: string): string {
  return `commands:${category}`;
}

export function isApi(service: string): service is ApiName {
  return service in commandCategories;
}

/** A row of `consumer_checkpoints`. */
export interface GroupCheckpoint {
  readonly group_name: string;
  readonly partition: number;
  readonly owner: string;
  readonly entry_id: string | null;
  readonly handled_entries: number;
}

export function checkpointsIn(inspector: Inspector, schema: string): Promise<readonly GroupCheckpoint[]> {
  return inspector.rows<GroupCheckpoint>(
    `select group_name, partition, owner, entry_id, handled_entries from ${schema}.consumer_checkpoints`,
  );
}

/** The numbers of all partitions. */
export function partitionsOf({ partitions }: Pick<EventStore, 'partitions'>): readonly number[] {
  return Array.from({ length: partitions }, (_, partition) => partition);
}

/** Entry id of the last event of each partition, null where there is none. */
export async function logEnds({ store }: Inspector): Promise<readonly (string | null)[]> {
  return await Promise.all(
    partitionsOf(store).map(async (partition) => {
      const [last] = await store.redis.xrevrange(store.keys.log(partition), '+', '-', 'COUNT', 1);
      return last?.[0] ?? null;
    }),
  );
}

/** Entries that were delivered to a member of a Redis group (`null`: to any member) and are not acknowledged. */
export async function pendingEntries(
  { store }: Inspector,
  keyOf: (partition: number) => string,
  group: string,
  member: string | null,
): Promise<number> {
  const counts = await Promise.all(
    partitionsOf(store).map(async (partition) => {
      const [count, , , members] = (await store.redis.xpending(keyOf(partition), group)) as PendingSummary;
      if (member === null) return count;
      return Number(members?.find(([name]) => name === member)?.[1] ?? 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

type PendingSummary = [number, string | null, string | null, [string, string][] | null];
