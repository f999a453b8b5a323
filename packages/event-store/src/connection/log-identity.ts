import type { Redis } from 'ioredis';
import { LogChangedError } from '../errors.ts';

/**
 * Which log this process works on: it is known from the first time that the log is opened. A server that comes back
 * empty, or with another log, is noticed when a connection is made, before anything is written.
 */
export interface LogIdentity {
  /** Undefined until the log is opened. */
  id(): string | undefined;
  /** The log was opened. */
  know(id: string): void;
  /** @throws LogChangedError where the server has another log, which nobody has declared to be the successor */
  check(client: Redis): Promise<void>;
}

/** @param metaKey of the hash that has the log's id, and the ids of those in whose place it was put */
export function createLogIdentity(metaKey: string): LogIdentity {
  let known: string | undefined;
  return {
    id: () => known,
    know: (id) => {
      known = id;
    },
    check: async (client) => {
      if (known !== undefined) known = await successorOf(client, metaKey, known);
    },
  };
}

/**
 * The log that stands in the place of one that was known: that one itself, or the one that operators have put in its
 * place (`adopt`).
 * @throws LogChangedError where there is another one, or none
 */
export async function successorOf(client: Redis, metaKey: string, known: string): Promise<string> {
  const [id, replaces] = await client.hmget(metaKey, 'id', replacesField(known));
  if (id === known) return id;
  if (typeof id === 'string' && typeof replaces === 'string') return id;
  // for whoever decides
  await client.hsetnx(metaKey, missedField(known), new Date().toISOString()).catch(() => undefined);
  throw new LogChangedError(metaKey, known, id ?? undefined);
}

const MISSED = 'missed:';
const REPLACES = 'replaces:';
const missedField = (id: string): string => `${MISSED}${id}`;
const replacesField = (id: string): string => `${REPLACES}${id}`;

/** Declares the log to stand in the place of those that somebody has missed; returns their ids. */
export async function replaceMissed(client: Redis, metaKey: string): Promise<readonly string[]> {
  const fields = await client.hkeys(metaKey);
  const missed = fields
    .filter((field) => field.startsWith(MISSED))
    .map((field) => field.slice(MISSED.length));
  for (const id of missed) {
    await client.hset(metaKey, replacesField(id), new Date().toISOString());
    await client.hdel(metaKey, missedField(id));
  }
  return missed;
}
