import type { Redis } from 'ioredis';
import type { EventStoreSettings } from '../store-settings.ts';
import { createAppendClient } from './clients.ts';
import { type Confirmation, checkDurability } from './durability.ts';
import type { LogIdentity } from './log-identity.ts';

/** A server that failed its check is asked again after this long, when somebody wants to write. */
const RECHECK_MS = 1_000;

/** A connection that writes events, once its server is known to keep the declared durability. */
export interface CheckedConnection {
  readonly client: Redis;
  /** How often the connection was lost so far. */
  readonly losses: number;
  /** Why the connection is down, as far as the client knows. */
  readonly lastError: Error | undefined;
  /** What the check found; undefined while the connection is down or has not passed it. */
  readonly confirmation: Confirmation | undefined;
  /**
   * Resolves when the connection is up and its server checked, however long that takes. What the check found
   * holds until the connection is lost; a failed check is repeated after a while.
   * @throws DurabilityNotGivenError, and what the client throws
   */
  checked(): Promise<Confirmation>;
  /** As `checked`, and asks the server anew. */
  recheck(): Promise<Confirmation>;
}

export function openChecked(settings: EventStoreSettings, identity: LogIdentity): CheckedConnection {
  const client = createAppendClient(settings);
  let losses = 0;
  let up = Promise.withResolvers<void>();
  let isUp = false;
  let lastError: Error | undefined;
  let check: Promise<Confirmation> | undefined;
  let confirmation: Confirmation | undefined;

  const startCheck = (): Promise<Confirmation> => {
    const started = checkServer(client, settings, identity);
    check = started;
    const passed = (found: Confirmation): void => {
      if (check === started) confirmation = found;
    };
    const failed = (error: unknown): void => {
      settings.onBackgroundError(error);
      if (check === started) confirmation = undefined;
      const forget = (): void => {
        if (check === started) check = undefined;
      };
      setTimeout(forget, RECHECK_MS).unref();
    };
    started.then(passed, failed);
    return started;
  };
  client.on('error', (error: Error) => {
    lastError = error;
  });
  client.on('ready', () => {
    isUp = true;
    lastError = undefined;
    void startCheck();
    up.resolve();
  });
  client.on('close', () => {
    check = undefined;
    confirmation = undefined;
    if (!isUp) return;
    isUp = false;
    losses += 1;
    up = Promise.withResolvers<void>();
  });
  // failures come as events too, and the client goes on trying
  client.connect().catch(() => undefined);
  return {
    client,
    get losses() {
      return losses;
    },
    get lastError() {
      return lastError;
    },
    get confirmation() {
      return confirmation;
    },
    checked: async () => {
      await up.promise;
      return await (check ?? startCheck());
    },
    recheck: async () => {
      await up.promise;
      return await startCheck();
    },
  };
}

async function checkServer(
  client: Redis,
  settings: EventStoreSettings,
  identity: LogIdentity,
): Promise<Confirmation> {
  await identity.check(client);
  return await checkDurability(client, settings);
}
