import { randomUUID } from 'node:crypto';
import type { Contender } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { fill } from './entry.ts';
import { connect } from './redis.ts';

const ENTRIES = 1_000;
const READS = 50;

/**
 * The ceiling of reading 1,000 events: XRANGE of a Redis stream that holds just them, JSON left as text. One operation
 * is one read of all of them, one after the other.
 */
export function xrangeOf1000(redisUrl: string): Contender {
  const redis = connect(redisUrl);
  return {
    name: 'XRANGE of 1,000',
    run: async () => {
      const log = `bench:log:${randomUUID()}`;
      await fill(redis, log, ENTRIES);
      const sample = await keepInFlight(1, READS, async () => {
        const entries = await redis.xrange(log, '-', '+');
        if (entries.length !== ENTRIES)
          throw new Error(`XRANGE read ${entries.length} of ${ENTRIES} entries`);
      });
      await redis.del(log);
      return sample;
    },
    close: () => redis.quit(),
  };
}
