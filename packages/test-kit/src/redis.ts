import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, inject } from 'vitest';
import './servers-for-the-run.ts';

export interface TestRedis {
  readonly url: string;
  /** Unique for this call; every key a test writes must begin with it. Without braces: it must not be a hash tag. */
  readonly prefix: string;
}

/**
 * The run's Redis, for integration tests. Call it at the top of a file or `describe`; url and prefix are there at
 * once. Keys under the prefix are deleted after the tests of that scope.
 */
export function useRedis(): TestRedis {
  const url = useRedisUrl();
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  afterAll(() => deleteKeys(url, prefix));
  return { url, prefix };
}

/** Only the URL of the run's Redis; the caller deletes the keys that it writes. */
export function useRedisUrl(): string {
  return inject('headraceRedisUrl');
}

async function deleteKeys(url: string, prefix: string): Promise<void> {
  const client = new Redis(url, { protocol: 2 });
  try {
    let cursor = '0';
    do {
      const [next, keys] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1000);
      if (keys.length > 0) await client.unlink(...keys);
      cursor = next;
    } while (cursor !== '0');
  } finally {
    client.disconnect();
  }
}
