import { setImmediate } from 'node:timers/promises';
import { DurabilityNotReachedError, EventStoreError, StoreUnavailableError } from '../errors.ts';
import type { Script, ScriptArgument } from '../scripts/script.ts';
import { runScript } from '../scripts/script.ts';
import type { EventStoreSettings } from '../store-settings.ts';
import { DeadlineExceededError, within } from '../within.ts';
import { afterAwake } from './awake-timeout.ts';
import { CheckedConnection } from './checked-connection.ts';
import { type Confirmation, confirmations } from './durability.ts';
import type { LogIdentity } from './log-identity.ts';
import { translateFailure } from './translate-redis-error.ts';

/** WAIT blocks its whole connection, so appends that need it are spread over several. */
const CONFIRMING_CONNECTIONS = 8;
/** Opening a store waits this many times longer for a connection than an append does. */
const OPENING_FACTOR = 5;

/** Connections that write events. Each is checked for the declared durability whenever it connects. */
export interface AppendConnections {
  /**
   * Runs a writing script once.
   * @param args or a function that makes them once the connection is up, since its server may have changed until then
   * @throws ReplyLostError if it may have run or not; StoreUnavailableError if it did not run
   */
  run(script: Script, keys: readonly string[], args: ScriptArguments): Promise<AppendReply>;
  /** Resolves once every connection is up and its server checked. */
  opened(): Promise<void>;
  /** As `opened`, and checks each server again. */
  recheck(): Promise<void>;
  close(): void;
}

type ScriptArguments = readonly ScriptArgument[] | (() => readonly ScriptArgument[]);

export interface AppendReply {
  readonly reply: unknown;
  /**
   * Waits for the confirmations that the declared durability needs, once for all appends that share a reply. Absent if
   * it needs none. @throws DurabilityNotReachedError
   */
  readonly confirm?: (stream: string, version: number) => Promise<void>;
}

interface Pooled {
  readonly connection: CheckedConnection;
  inFlight: number;
}

export function createAppendConnections(
  settings: EventStoreSettings,
  identity: LogIdentity,
): AppendConnections {
  const count = settings.durability === 'replicated' ? CONFIRMING_CONNECTIONS : 1;
  const pool: Pooled[] = Array.from({ length: count }, () => ({
    connection: new CheckedConnection(settings, identity),
    inFlight: 0,
  }));
  let closed = false;
  const refuseWhenClosed = (): void => {
    if (closed) throw new StoreUnavailableError('this store is closed');
  };
  const onEach = async (waitMs: number, ask: (connection: CheckedConnection) => Promise<unknown>) => {
    refuseWhenClosed();
    await Promise.all(pool.map(({ connection }) => orUnavailable(waitMs, connection, ask(connection))));
  };
  return {
    run: async (script, keys, args) => {
      refuseWhenClosed();
      const pooled = pool.reduce((best, next) => (next.inFlight < best.inFlight ? next : best));
      return await runOn(pooled, settings, script, keys, args);
    },
    opened: () => onEach(settings.connectWaitMs * OPENING_FACTOR, (connection) => connection.checked()),
    recheck: () => onEach(settings.connectWaitMs, (connection) => connection.recheck()),
    close: () => {
      closed = true;
      for (const { connection } of pool) connection.client.disconnect();
    },
  };
}

async function runOn(
  pooled: Pooled,
  settings: EventStoreSettings,
  script: Script,
  keys: readonly string[],
  args: ScriptArguments,
): Promise<AppendReply> {
  const { connection } = pooled;
  pooled.inFlight += 1;
  try {
    const confirmation =
      connection.confirmation ??
      (await orUnavailable(settings.connectWaitMs, connection, connection.checked()));
    const { losses } = connection;
    const reply = await runScript(
      connection.client,
      script,
      keys,
      typeof args === 'function' ? args() : args,
    );
    if (confirmation === 'none') return { reply };
    const wanted = confirmation === 'wait' ? settings.replicas : 1;
    let reaching: Promise<number> | undefined;
    const confirm = async (stream: string, version: number): Promise<void> => {
      reaching ??= counted(pooled, () => confirmed(connection, losses, confirmation, settings));
      const reached = await reaching;
      if (reached < wanted) throw new DurabilityNotReachedError(stream, version, wanted, reached);
    };
    return { reply, confirm };
  } catch (error) {
    // a caller that repeats at once must not keep the event loop from noticing that the connection is closed
    await setImmediate();
    throw translateFailure(error);
  } finally {
    pooled.inFlight -= 1;
  }
}

async function counted<T>(pooled: Pooled, work: () => Promise<T>): Promise<T> {
  pooled.inFlight += 1;
  try {
    return await work();
  } finally {
    pooled.inFlight -= 1;
  }
}

async function orUnavailable<T>(ms: number, connection: CheckedConnection, promise: Promise<T>): Promise<T> {
  try {
    return await within(ms, () => promise, afterAwake);
  } catch (error) {
    if (error instanceof EventStoreError) throw error;
    const cause = error instanceof DeadlineExceededError ? connection.lastError : error;
    throw new StoreUnavailableError('Redis cannot be reached', { cause });
  }
}

/** A connection that was lost meanwhile may lead to another server now, whose confirmation means nothing. */
async function confirmed(
  connection: CheckedConnection,
  losses: number,
  confirmation: Exclude<Confirmation, 'none'>,
  settings: EventStoreSettings,
): Promise<number> {
  const reached = await confirmations(connection.client, confirmation, settings).catch(() => 0);
  return connection.losses === losses ? reached : 0;
}
