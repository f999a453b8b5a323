import type { Redis } from 'ioredis';
import { DurabilityNotReachedError, EventStoreError, StoreUnavailableError } from '../errors.ts';
import type { Script } from '../scripts/script.ts';
import { runScript } from '../scripts/script.ts';
import type { EventStoreSettings } from '../settings.ts';
import { createAppendClient } from './clients.ts';
import { type Confirmation, checkDurability } from './durability.ts';
import { ReplyLostError, translateFailure } from './failures.ts';

/** WAIT and WAITAOF hold up their whole connection, so such appends are spread over several. */
const CONFIRMING_CONNECTIONS = 8;

/** Connections that write events: each is checked for the declared durability whenever it (re)connects. */
export interface AppendConnections {
  /**
   * Runs a writing script once.
   * @throws ReplyLostError when nobody can tell whether it ran; StoreUnavailableError when it did not
   */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<AppendReply>;
  /** Resolves once a connection is up and the server's settings are as declared. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

export interface AppendReply {
  readonly reply: unknown;
  /** Waits for the confirmations that the declared durability asks for. */
  confirm(stream: string, version: number): Promise<void>;
}

interface Connection {
  readonly client: Redis;
  /** Settles when the connection is ready and checked; replaced on every loss. */
  checked: Promise<Confirmation>;
  inFlight: number;
}

export function createAppendConnections(settings: EventStoreSettings): AppendConnections {
  const count = settings.durability === 'replicated' ? CONFIRMING_CONNECTIONS : 1;
  const connections = Array.from({ length: count }, () => open(settings));
  const pick = (): Connection =>
    connections.reduce((best, next) => (next.inFlight < best.inFlight ? next : best));

  async function run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<AppendReply> {
    const connection = pick();
    connection.inFlight += 1;
    try {
      const confirmation = await within(settings.connectWaitMs, connection.checked);
      const reply = await runScript(connection.client, script, keys, args);
      return {
        reply,
        confirm: (stream, version) => confirm(connection.client, confirmation, settings, stream, version),
      };
    } catch (error) {
      const failure = translateFailure(error);
      // a reply that is only late may still come: start afresh rather than queue behind it
      if (failure instanceof ReplyLostError && connection.client.status === 'ready')
        connection.client.disconnect(true);
      throw failure;
    } finally {
      connection.inFlight -= 1;
    }
  }

  return {
    run,
    ready: async () => {
      await Promise.all(
        connections.map((connection) => within(settings.connectWaitMs * 5, connection.checked)),
      );
    },
    close: async () => {
      for (const { client } of connections) client.disconnect();
    },
  };
}

function open(settings: EventStoreSettings): Connection {
  const client = createAppendClient(settings);
  const connection: Connection = { client, checked: nextCheck(client, settings), inFlight: 0 };
  client.on('close', () => {
    connection.checked = nextCheck(client, settings);
  });
  client.connect().catch(settings.onBackgroundError);
  return connection;
}

function nextCheck(client: Redis, settings: EventStoreSettings): Promise<Confirmation> {
  const check = new Promise<void>((resolve) => client.once('ready', resolve)).then(() =>
    checkDurability(client, settings),
  );
  check.catch(settings.onBackgroundError);
  return check;
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailableError('Redis cannot be reached')), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } catch (error) {
    if (error instanceof EventStoreError) throw error;
    throw new StoreUnavailableError('Redis cannot be reached', { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function confirm(
  client: Redis,
  confirmation: Confirmation,
  settings: EventStoreSettings,
  stream: string,
  version: number,
): Promise<void> {
  if (confirmation === 'none') return;
  const timeoutMs = settings.confirmTimeoutMs;
  const wanted = confirmation === 'wait' ? settings.replicas : 1;
  const reached = await confirmations(client, confirmation, settings.replicas, timeoutMs).catch(() => 0);
  if (reached < wanted) throw new DurabilityNotReachedError(stream, version, wanted, reached);
}

async function confirmations(
  client: Redis,
  kind: 'wait' | 'waitaof',
  replicas: number,
  timeoutMs: number,
): Promise<number> {
  if (kind === 'wait') return Number(await client.call('WAIT', replicas, timeoutMs));
  const [local] = (await client.call('WAITAOF', 1, 0, timeoutMs)) as [number, number];
  return Number(local);
}
