import { Redis } from 'ioredis';

/** An entry of the log as it stands in Redis. */
export interface LoggedEvent {
  /** `<partition>-<ms>-<seq>`. */
  readonly id: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly schema: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Runs `work` with a client of its own. */
export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { protocol: 2 });
  redis.on('error', () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** The names of the partitions' Redis streams, in the order of the partitions. */
export async function logKeys(redis: Redis): Promise<readonly string[]> {
  // A partition's hash tag is its number, or its number, a point and another number.
  const partitionIn = (key: string): number => Number(/\{(\d+)/.exec(key)?.[1]);
  return (await redis.keys('headrace:{*}:log')).sort((a, b) => partitionIn(a) - partitionIn(b));
}

/**
 * The whole log, read from Redis by hand: what services say is compared with it, so no code of theirs may stand
 * between. Events of one partition are in order.
 */
export function readLog(url: string): Promise<readonly LoggedEvent[]> {
  return withRedis(url, async (redis) => {
    const logs = await Promise.all(
      (await logKeys(redis)).map(async (key) => {
        const partition = /\{(\d+)/.exec(key)?.[1] ?? '';
        const entries = (await redis.xrange(key, '-', '+')) as unknown as [string, string[]][];
        return entries.map(([id, fields]) => eventOf(`${partition}-${id}`, fields));
      }),
    );
    return logs.flat();
  });
}

function eventOf(id: string, fields: readonly string[]): LoggedEvent {
  const field = (name: string): string => fields[fields.indexOf(name) + 1] ?? '';
  return {
    id,
    stream: field('stream'),
    version: Number(field('version')),
    type: field('type'),
    schema: Number(field('schema')),
    data: JSON.parse(field('data')) as LoggedEvent['data'],
    meta: JSON.parse(field('meta')) as LoggedEvent['meta'],
  };
}
