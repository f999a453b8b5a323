import type { Redis } from 'ioredis';

/** A consumer group as `XINFO GROUPS` shows it. */
export interface GroupInfo {
  readonly lastDeliveredId: string;
  readonly pending: number;
  /** Entries not delivered yet; null where Redis cannot tell. */
  readonly lag: number | null;
}

/** Creates the consumer group on a Redis stream, from its start, unless it is there: a full Redis refuses to create one. */
export async function ensureGroup(redis: Redis, key: string, group: string): Promise<void> {
  if ((await groupInfo(redis, key, group)) !== null) return;
  try {
    await redis.xgroup('CREATE', key, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('BUSYGROUP'))) throw error;
  }
}

/** Null where the stream or the group is not there. */
export async function groupInfo(redis: Redis, key: string, group: string): Promise<GroupInfo | null> {
  const groups = await readGroups(redis, key);
  const found = groups.map(byName).find((fields) => fields.get('name') === group);
  if (found === undefined) return null;
  const lag = found.get('lag');
  return {
    lastDeliveredId: String(found.get('last-delivered-id')),
    pending: Number(found.get('pending')),
    lag: typeof lag === 'number' ? lag : null,
  };
}

async function readGroups(redis: Redis, key: string): Promise<readonly unknown[]> {
  try {
    return (await redis.xinfo('GROUPS', key)) as readonly unknown[];
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return [];
    throw error;
  }
}

/** Redis answers with a flat list of names and values. */
function byName(reply: unknown): Map<string, unknown> {
  const flat = Array.isArray(reply) ? (reply as unknown[]) : [];
  const fields = new Map<string, unknown>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(String(flat[i]), flat[i + 1]);
  return fields;
}

/** Entries ever added to a Redis stream, deleted ones included; 0 where there is none. */
export async function entriesAdded(redis: Redis, key: string): Promise<number> {
  try {
    return Number(byName(await redis.xinfo('STREAM', key)).get('entries-added') ?? 0);
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 0;
    throw error;
  }
}

/** Id of the first entry after `entryId` (`0-0`: of the first of all), null where there is none. */
export async function entryAfter(redis: Redis, key: string, entryId: string): Promise<string | null> {
  const [next] = await redis.xrange(key, `(${entryId}`, '+', 'COUNT', 1);
  return next?.[0] ?? null;
}

/** Id of the oldest entry that was delivered and not acknowledged. */
export async function oldestPending(redis: Redis, key: string, group: string): Promise<string | null> {
  const [, oldest] = (await redis.xpending(key, group)) as [number, string | null];
  return oldest;
}
