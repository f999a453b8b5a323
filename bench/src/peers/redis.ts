import { Redis } from 'ioredis';

/** As Headrace speaks to Redis: RESP2 with its plain arrays. */
const PROTOCOL = { protocol: 2, replyMapping: 'legacy' } as const;

/** A new connection; the caller closes it. */
export function connect(url: string) {
  return new Redis(url, PROTOCOL);
}

export type Connection = ReturnType<typeof connect>;
