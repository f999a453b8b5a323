import type { Redis } from 'ioredis';
import type { RawEntry } from './log-entry.ts';

/**
 * The last entry of a Redis stream; undefined where it is empty. Failures come as ioredis throws them.
 * @param before entry id; only entries before it count. Default: all
 */
export async function lastEntry(redis: Redis, key: string, before?: string): Promise<RawEntry | undefined> {
  const end = before === undefined ? '+' : `(${before}`;
  const [entry] = await redis.xrevrange(key, end, '-', 'COUNT', 1);
  return entry;
}

/** Id of that entry; null where there is none. */
export async function lastEntryId(redis: Redis, key: string, before?: string): Promise<string | null> {
  return (await lastEntry(redis, key, before))?.[0] ?? null;
}
