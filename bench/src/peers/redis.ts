import { Redis } from 'ioredis';

/** As Headrace speaks to Redis: RESP2 with its plain arrays. */
const PROTOCOL = { protocol: 2, replyMapping: 'legacy' } as const;

/** A connection of its own; whoever asks for it closes it. */
export function connect(url: string) {
  return new Redis(url, PROTOCOL);
}

export type Connection = ReturnType<typeof connect>;
