import type { Redis } from 'ioredis';
import { reading } from '../connection/translate-redis-error.ts';

const COUNT = 1_000;

/** Yields the keys that start with `prefix`, in batches; Redis may name a key twice. */
export async function* scanKeys(client: Redis, prefix: string): AsyncGenerator<readonly string[]> {
  const pattern = `${escapeGlob(prefix)}*`;
  let cursor = '0';
  do {
    const [next, keys] = await reading(client.scan(cursor, 'MATCH', pattern, 'COUNT', COUNT));
    if (keys.length > 0) yield keys;
    cursor = next;
  } while (cursor !== '0');
}

/** Escapes glob characters for SCAN's MATCH. */
function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
