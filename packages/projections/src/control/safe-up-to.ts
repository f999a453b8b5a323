import { compareEntryIds, entryIdOf, formatPosition, recordedMsOf } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import { progressOf } from './progress.ts';
import { activeVersion, type Queryable } from './versions.ts';

/** Where a partition of the log ended, by Redis's clock. */
export interface LogEnd {
  readonly partition: number;
  /** Null: it is empty. */
  readonly lastEntryId: string | null;
  readonly atMs: number;
}

/**
 * Before which time of recording (ms since the epoch, exclusive) the active version has seen every event of all
 * partitions. A cursor over a read model that merges partitions must stop there: rows may still appear beyond,
 * also before rows that are there already. A partition that has nothing left to do holds nobody up.
 * @throws UnknownProjectionError
 */
export async function safeUpTo(store: EventStore, database: Queryable, name: string): Promise<number> {
  // the ends first: what is appended after them gets a later time
  const ends = await logEnds(store);
  const { partitions } = await progressOf(database, { name, version: await activeVersion(database, name) });
  const checkpoints = new Map(partitions.map(({ partition, position }) => [partition, position] as const));
  return Math.min(...ends.map((end) => safeMs(end, checkpoints.get(end.partition) ?? null)));
}

export async function logEnds(store: EventStore): Promise<readonly LogEnd[]> {
  return await Promise.all(
    Array.from({ length: store.partitions }, async (_, partition) => {
      const [seconds, micros] = await store.redis.time();
      const [last] = await store.redis.xrevrange(store.keys.log(partition), '+', '-', 'COUNT', 1);
      const atMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
      return { partition, lastEntryId: last?.[0] ?? null, atMs };
    }),
  );
}

/** Up to when, exclusive, a group at this checkpoint has seen a partition that ended so. */
export function safeMs({ partition, lastEntryId, atMs }: LogEnd, checkpoint: string | null): number {
  if (lastEntryId === null) return atMs;
  if (checkpoint === null) return 0;
  const end = formatPosition(partition, lastEntryId);
  const caughtUp = compareEntryIds(entryIdOf(checkpoint), lastEntryId) >= 0;
  // several entries may have the checkpoint's own time
  return caughtUp ? Math.max(atMs, recordedMsOf(end)) : recordedMsOf(checkpoint);
}
