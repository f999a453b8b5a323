import { setImmediate } from 'node:timers/promises';
import { DeadlineExceededError, within } from '../deadline.ts';
import { DurabilityNotReachedError, EventStoreError, StoreUnavailableError } from '../errors.ts';
import type { Script, ScriptArgument } from '../scripts/script.ts';
import { runScript } from '../scripts/script.ts';
import type { EventStoreSettings } from '../store-settings.ts';
import { afterAwake } from './awake-timeout.ts';
import { type CheckedConnection, openChecked } from './checked-connection.ts';
import { type Confirmation, confirmations } from './durability.ts';
import { translateFailure } from './failures.ts';
import type { LogIdentity } from './log-identity.ts';

/** WAIT holds up its whole connection, so such appends are spread over several. */
const CONFIRMING_CONNECTIONS = 8;
/** Opening a store waits this much longer for a connection than an append does. */
const OPENING_FACTOR = 5;

/** Connections that write events: each is checked for the declared durability whenever it (re)connects. */
export interface AppendConnections {
  /**
   * Runs a writing script once.
   * @param args or what makes them once the server is known, which may be another one than when the script was asked for
   * @throws ReplyLostError when nobody can tell whether it ran; StoreUnavailableError when it did not
   */
  run(script: Script, keys: readonly string[], args: ScriptArguments): Promise<AppendReply>;
  /** Resolves once every connection is up and the server's settings are as declared. */
  opened(): Promise<void>;
  /** Looks again whether the connections are up and the server's settings as declared. */
  recheck(): Promise<void>;
  close(): void;
}

type ScriptArguments = readonly ScriptArgument[] | (() => readonly ScriptArgument[]);

export interface AppendReply {
  readonly reply: unknown;
  /**
   * Waits for the confirmations that the declared durability asks for, if any; of all who share a reply they are the
   * same, and asked for once. @throws DurabilityNotReachedError
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
    connection: openChecked(settings, identity),
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
    // a caller who tries again at once must not keep the event loop from noticing that the connection is gone
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

/** A connection that was lost meanwhile may lead to another server by now, which can confirm nothing. */
async function confirmed(
  connection: CheckedConnection,
  losses: number,
  confirmation: Exclude<Confirmation, 'none'>,
  settings: EventStoreSettings,
): Promise<number> {
  const reached = await confirmations(connection.client, confirmation, settings).catch(() => 0);
  return connection.losses === losses ? reached : 0;
}
