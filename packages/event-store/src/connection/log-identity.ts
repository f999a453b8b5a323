import type { Redis } from 'ioredis';
import { LogChangedError } from '../errors.ts';
import type { StoreKeys } from '../keys.ts';
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

/** Names of what is looked at: the hash that has the log's id and the ids of those in whose place it was put, and holds. */
export type IdentityKeys = Pick<StoreKeys, 'meta' | 'hold' | 'partitions'>;

/** A log as somebody has known it. */
export interface KnownLog {
  readonly id: string;
  /** ISO 8601; when it was first seen. */
  readonly since: string;
}

/** What appends are refused with while it is not decided which log is the right one. */
export const DISPUTED = 'disputed';

export function createLogIdentity(keys: IdentityKeys): LogIdentity {
  let known: KnownLog | undefined;
  let generation = 0;
  return {
    id: () => known?.id,
    firstSeq: () => generation * GENERATION_SIZE,
    know: (id) => {
      known = { id, since: known?.since ?? new Date().toISOString() };
    },
    check: async (client) => {
      // before it is opened there may be no log
      if (known === undefined) return;
      known = { ...known, id: await successorOf(client, keys, known) };
      generation = await generationOf(client, keys.meta);
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
 * place (`adopt`). Where there is none, or one that is younger than the knowledge, the old one was lost: then nobody may
 * append until it is decided. An older one is somebody else's, and is left alone.
 * @throws LogChangedError where there is another one, or none
 */
export async function successorOf(client: Redis, keys: IdentityKeys, known: KnownLog): Promise<string> {
  const { successor, found, isLost } = await look(client, keys, known);
  if (successor !== undefined) return successor;
  // for whoever decides
  await client.hsetnx(keys.meta, missedField(known.id), new Date().toISOString()).catch(() => undefined);
  if (isLost) {
    await dispute(client, keys);
    // adopted meanwhile, which would not have ended what was only then disputed
    const again = await look(client, keys, known);
    if (again.successor !== undefined) {
      await endDispute(client, keys);
      return again.successor;
    }
  }
  throw new LogChangedError(keys.meta, known.id, found);
}

interface Look {
  /** Absent where the log is not, and does not stand in the place of, the one that is known. */
  readonly successor?: string;
  readonly found: string | undefined;
  /** Whether what is found came after the one that is known. */
  readonly isLost: boolean;
}

async function look(client: Redis, keys: IdentityKeys, known: KnownLog): Promise<Look> {
  const fields = ['id', 'createdAt', replacesField(known.id)] as const;
  const [id, createdAt, replaces] = await client.hmget(keys.meta, ...fields);
  const isLost = typeof createdAt !== 'string' || Date.parse(createdAt) > Date.parse(known.since);
  const found = id ?? undefined;
  if (found === undefined || (found !== known.id && typeof replaces !== 'string')) return { found, isLost };
  return { successor: found, found, isLost };
}

/** A server that takes no writes takes no events either. */
async function dispute(client: Redis, { partitions, hold }: IdentityKeys): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1)
    await client.set(hold(partition), DISPUTED, 'NX').catch(() => undefined);
}

/** Lets events in again where nothing else holds a partition. */
export async function endDispute(client: Redis, { partitions, hold }: IdentityKeys): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1) {
    const key = hold(partition);
    if ((await client.get(key)) === DISPUTED) await client.del(key);
  }
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
