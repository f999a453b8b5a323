import type { EventStore } from '@headrace/event-store';

/** Events of the log that a group has not finished, by group. */
export type GroupLags = ReadonlyMap<string, number>;

/** As `XINFO GROUPS` of all partitions tells: not read yet, and read but not acknowledged. */
export async function groupLags({ redis, keys }: Pick<EventStore, 'redis' | 'keys'>): Promise<GroupLags> {
  const pipeline = redis.pipeline();
  for (let partition = 0; partition < keys.partitions; partition += 1)
    pipeline.xinfo('GROUPS', keys.log(partition));
  const lags = new Map<string, number>();
  for (const [error, reply] of (await pipeline.exec()) ?? []) {
    // A partition without events has no Redis stream yet.
    if (error?.message.includes('no such key')) continue;
    if (error !== null) throw error;
    for (const { name, lag } of groupsIn(reply)) lags.set(name, (lags.get(name) ?? 0) + lag);
  }
  return lags;
}

function groupsIn(reply: unknown): { readonly name: string; readonly lag: number }[] {
  if (!Array.isArray(reply)) return [];
  return reply.filter(Array.isArray).map((fields) => {
    const field = (name: string): unknown => fields[fields.indexOf(name) + 1];
    // Redis answers null if it cannot tell; NaN is never equal to 0, so the group does not count as caught up.
    const unread = field('lag') ?? Number.NaN;
    return { name: String(field('name')), lag: Number(unread) + Number(field('pending')) };
  });
}
