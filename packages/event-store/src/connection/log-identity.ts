import type { Redis } from 'ioredis';
import { LogChangedError } from '../errors.ts';
import type { StoreKeys } from '../keys.ts';
import { runScript } from '../scripts/script.ts';
import { scripts } from '../scripts/store-scripts.ts';

/**
 * Which log this process works on; known once the log has been opened. Each new connection is checked before anything is
 * written on it: its server may have come back empty or with another log, or may have taken over from another server.
 */
export interface LogIdentity {
  /** Undefined until the log is opened. */
  id(): string | undefined;
  /** To be called when the log has been opened. */
  know(id: string): void;
  /** First sequence number within a millisecond of the entry ids that the server may assign. */
  firstSeq(): number;
  /** @throws LogChangedError if the server has another log that no operator has declared to be the replacement */
  check(client: Redis): Promise<void>;
}

/** The keys that are read: the hash with the log's id and the ids of logs that it replaces, and the holds. */
export type IdentityKeys = Pick<StoreKeys, 'meta' | 'hold' | 'partitions'>;

/** A log that a process or a database has worked on. */
export interface KnownLog {
  readonly id: string;
  /** When it was first seen, ISO 8601. */
  readonly since: string;
}

/** Value of the holds while it is not decided which log is the right one. */
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

/** Sequence numbers of one generation; those of all generations are below 2^52, so that a double holds them. */
const GENERATION_SIZE = 2 ** 31;
const GENERATIONS = 2 ** 20;
const NO_REPLICATION_ID = /^0*$/;

/** The generation of a server; the log's present one if the server is a replica or forbids INFO. */
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
 * The id of the known log or of the one that replaces it (`adopt`). If the server has no log, or one that was created
 * after the known one was first seen, the known one was lost: all appends are refused until an operator decides. An
 * older log is not ours, and is left alone.
 * @throws LogChangedError if the server has another log, or none
 */
export async function successorOf(client: Redis, keys: IdentityKeys, known: KnownLog): Promise<string> {
  const { successor, found, isLost } = await compareLogs(client, keys, known);
  if (successor !== undefined) return successor;
  // tells `adopt` what was missed
  await client.hsetnx(keys.meta, missedField(known.id), new Date().toISOString()).catch(() => undefined);
  if (isLost) {
    await dispute(client, keys);
    // it may have been adopted just before the dispute began, which then has to be ended here
    const again = await compareLogs(client, keys, known);
    if (again.successor !== undefined) {
      await endDispute(client, keys);
      return again.successor;
    }
  }
  throw new LogChangedError(keys.meta, known.id, found);
}

interface Comparison {
  /** Absent if the log is neither the known one nor its replacement. */
  readonly successor?: string;
  readonly found: string | undefined;
  /** Whether the log that was found is younger than the known one. */
  readonly isLost: boolean;
}

async function compareLogs(client: Redis, keys: IdentityKeys, known: KnownLog): Promise<Comparison> {
  const fields = ['id', 'createdAt', replacesField(known.id)] as const;
  const [id, createdAt, replaces] = await client.hmget(keys.meta, ...fields);
  const isLost = typeof createdAt !== 'string' || Date.parse(createdAt) > Date.parse(known.since);
  const found = id ?? undefined;
  if (found === undefined || (found !== known.id && typeof replaces !== 'string')) return { found, isLost };
  return { successor: found, found, isLost };
}

/** Errors do not matter: a server that refuses these writes refuses appends too. */
async function dispute(client: Redis, { partitions, hold }: IdentityKeys): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1)
    await client.set(hold(partition), DISPUTED, 'NX').catch(() => undefined);
}

/** Removes the holds of a dispute; those of a rebuild stay. */
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

/** Declares that the log replaces those that were missed; returns their ids. */
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
