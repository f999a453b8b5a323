import type { Redis } from 'ioredis';
import { LogChangedError } from '../errors.ts';
import { scripts } from '../scripts/index.ts';
import { runScript } from '../scripts/script.ts';

/**
 * Which log this process works on: it is known from the first time that the log is opened. A server that comes back
 * empty, or with another log, is noticed when a connection is made, before anything is written, and so is one that has
 * taken over from another.
 */
export interface LogIdentity {
  /** Undefined until the log is opened. */
  id(): string | undefined;
  /** The log was opened. */
  know(id: string): void;
  /** Where the sequence numbers of the ids that the server gives begin within a millisecond. */
  firstSeq(): number;
  /** @throws LogChangedError where the server has another log, which nobody has declared to be the successor */
  check(client: Redis): Promise<void>;
}

/** @param metaKey of the hash that has the log's id, and the ids of those in whose place it was put */
export function createLogIdentity(metaKey: string): LogIdentity {
  let known: string | undefined;
  let generation = 0;
  return {
    id: () => known,
    firstSeq: () => generation * GENERATION_SIZE,
    know: (id) => {
      known = id;
    },
    check: async (client) => {
      // before it is opened there may be no log
      if (known === undefined) return;
      known = await successorOf(client, metaKey, known);
      generation = await generationOf(client, metaKey);
    },
  };
}

/** Ids of a millisecond; with the generations, below 2^52, so that a double holds them. */
const GENERATION_SIZE = 2 ** 31;
const GENERATIONS = 2 ** 20;
const NO_REPLICATION_ID = /^0*$/;

/** One that does not tell about its replication, or only repeats another, goes on with the generation that the log has. */
async function generationOf(client: Redis, metaKey: string): Promise<number> {
  const info = await client.info('replication').catch(() => '');
  const field = (name: string): string => new RegExp(`^${name}:(\\S*)`, 'm').exec(info)?.[1] ?? '';
  const server = field('master_replid');
  if (field('role') !== 'master' || server === '')
    return Number((await client.hget(metaKey, 'generation')) ?? 0);
  const isPromoted = NO_REPLICATION_ID.test(field('master_replid2')) ? '0' : '1';
  const fresh = 1 + Math.floor(Math.random() * (GENERATIONS - 1));
  const args = [server, isPromoted, fresh];
  const [, generation] = (await runScript(client, scripts.recognizeServer, [metaKey], args)) as [
    string,
    string,
  ];
  return Number(generation);
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
