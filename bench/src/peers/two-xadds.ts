import { createHash, randomUUID } from 'node:crypto';
import type { Contender } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import { entryOf, newMeta } from './entry.ts';
import { connect } from './redis.ts';

/**
 * What is usually written by hand for an append: the event into a stream of its aggregate, and then once more into one
 * stream of all events. No version is checked, and a crash between the two leaves them different. Each operation
 * creates an aggregate, as Headrace's append does.
 */
export function twoXadds(redisUrl: string, inFlight: number, total: number): Contender {
  const redis = connect(redisUrl);
  return {
    name: 'two XADDs',
    run: () => {
      const all = `bench:all:${randomUUID()}`;
      return keepInFlight(inFlight, total, async (i) => {
        const data = JSON.stringify(orderData(i));
        const meta = JSON.stringify(newMeta());
        await redis.xadd(newStream(), '*', 'type', EVENT_TYPE, 'data', data, 'meta', meta);
        await redis.xadd(all, '*', 'type', EVENT_TYPE, 'data', data, 'meta', meta);
      });
    },
    close: () => redis.quit(),
  };
}

/** The ceiling of an append: one XADD with the six fields of Headrace's entry, into one log. Nothing is checked or indexed. */
export function oneXadd(redisUrl: string, inFlight: number, total: number): Contender {
  const redis = connect(redisUrl);
  return {
    name: 'one bare XADD',
    run: () => {
      const log = `bench:log:${randomUUID()}`;
      return keepInFlight(inFlight, total, (i) => redis.xadd(log, '*', ...entryOf(newStream(), 1, i)));
    },
    close: () => redis.quit(),
  };
}

const BATCH = 10;

// KEYS: log (stream), index (list). ARGV: stream, then data and meta for each event. Returns the last entry's id.
const ADD_BATCH = `
local ids = {}
for i = 2, #ARGV, 2 do
  local version = i / 2
  ids[version] = redis.call('XADD', KEYS[1], '*', 'stream', ARGV[1], 'version', version, 'type', '${EVENT_TYPE}',
    'schema', 1, 'data', ARGV[i], 'meta', ARGV[i + 1])
end
redis.call('RPUSH', KEYS[2], unpack(ids))
return ids[#ids]
`;

/**
 * The ceiling of an append of 10 events by script: what Headrace's script leaves in Redis (log entries and the new
 * stream's index) and none of its checks. Operations are events, latencies those of batches.
 */
export function bareLua(redisUrl: string, inFlight: number, batches: number): Contender {
  const redis = connect(redisUrl);
  const sha = createHash('sha1').update(ADD_BATCH).digest('hex');
  const append = (log: string, batch: number): Promise<unknown> => {
    const stream = newStream();
    // one command wrote them all
    const meta = JSON.stringify(newMeta());
    const args: string[] = [];
    for (let i = 0; i < BATCH; i += 1) args.push(JSON.stringify(orderData(batch * BATCH + i)), meta);
    return redis.evalsha(sha, 2, log, `${log}:${stream}`, stream, ...args);
  };
  return {
    name: 'bare Lua script',
    run: async () => {
      const log = `bench:log:${randomUUID()}`;
      await redis.script('LOAD', ADD_BATCH);
      const sample = await keepInFlight(inFlight, batches, (batch) => append(log, batch));
      return { ...sample, operations: batches * BATCH };
    },
    close: () => redis.quit(),
  };
}
