import type { Contender } from '../harness/compare.ts';
import { consumeAll } from './group.ts';
import { connect } from './redis.ts';

/**
 * The ceiling of any consumer that reads through a consumer group: XREADGROUP of 500 and one XACK of all of them, in
 * turn. No handler, and JSON stays text.
 */
export function bareLoop(redisUrl: string, total: number): Contender {
  const redis = connect(redisUrl);
  return {
    name: 'bare XREADGROUP loop',
    run: () =>
      consumeAll(redis, total, 500, async (log, group, entries) => {
        if (entries.length === 0) return 0;
        return await redis.xack(log, group, ...entries.map(([id]) => id));
      }),
    close: () => redis.quit(),
  };
}
