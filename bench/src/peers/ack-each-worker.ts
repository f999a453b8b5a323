import type { Contender } from '../harness/compare.ts';
import { consumeAll, type Entry } from './group.ts';
import { connect } from './redis.ts';

/**
 * The worker that is usually written by hand: it reads 10 entries, parses `data`, does nothing with it and acknowledges
 * each entry by itself; the next ten follow when all are acknowledged.
 */
export function ackEachWorker(redisUrl: string, total: number): Contender {
  const redis = connect(redisUrl);
  const handle = async (log: string, group: string, [id, fields]: Entry): Promise<number> => {
    parsedData(fields ?? []);
    return await redis.xack(log, group, id);
  };
  return {
    name: 'ack-each worker',
    run: () =>
      consumeAll(redis, total, 10, async (log, group, entries) => {
        const acknowledged = await Promise.all(entries.map((entry) => handle(log, group, entry)));
        return acknowledged.reduce((sum, n) => sum + n, 0);
      }),
    close: () => redis.quit(),
  };
}

function parsedData(fields: readonly string[]): unknown {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i] === 'data') return JSON.parse(fields[i + 1] ?? '');
  }
  throw new Error('an entry has no data');
}
