import { randomUUID } from 'node:crypto';
import type { Sample } from '../harness/compare.ts';
import { timed } from '../harness/load.ts';
import { fill } from './entry.ts';
import type { Connection } from './redis.ts';

/** An entry as ioredis gives it: its fields are names and values in turn. */
export type Entry = readonly [id: string, fields: readonly string[] | null];

/** What a consumer does with the entries of one read; it returns how many it acknowledged. */
export type OnRead = (log: string, group: string, entries: readonly Entry[]) => Promise<number>;

/**
 * Fills a new log, then times one consumer of one group until it has acknowledged everything: the next XREADGROUP is
 * sent when `onRead` is done with the last one. The log is deleted afterwards.
 */
export async function consumeAll(
  redis: Connection,
  total: number,
  count: number,
  onRead: OnRead,
): Promise<Sample> {
  const log = `bench:log:${randomUUID()}`;
  const group = 'readers';
  await fill(redis, log, total);
  await redis.xgroup('CREATE', log, group, '0');
  const sample = await timed(total, async () => {
    for (let done = 0; done < total; ) {
      const reply = await redis.xreadgroup('GROUP', group, 'one', 'COUNT', count, 'STREAMS', log, '>');
      const entries = reply?.[0]?.[1] ?? [];
      const acknowledged = await onRead(log, group, entries);
      if (acknowledged === 0) throw new Error(`the log ended after ${done} of ${total} entries`);
      done += acknowledged;
    }
  });
  await redis.del(log);
  return sample;
}
