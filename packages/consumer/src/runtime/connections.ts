import type { EventStore } from '@headrace/event-store';
import type { Redis } from 'ioredis';

/** Longer than a blocking read may take; the wake's own watchdog is sooner. */
const BLOCKING_TIMEOUT_MS = 10_000;

/**
 * For group state: what was in flight when the connection broke is an error and is never sent again, since another
 * instance may have the lease by then.
 */
export function connectForGroupState(store: EventStore, onError: (error: unknown) => void): Redis {
  return connect(store, onError, {});
}

/** For blocking reads, which must not delay anything else. */
export function connectForBlocking(store: EventStore, onError: (error: unknown) => void): Redis {
  return connect(store, onError, { commandTimeout: BLOCKING_TIMEOUT_MS, socketTimeout: BLOCKING_TIMEOUT_MS });
}

function connect(
  store: EventStore,
  onError: (error: unknown) => void,
  timeouts: { readonly commandTimeout?: number; readonly socketTimeout?: number },
): Redis {
  const client = store.redis.duplicate({
    autoResendUnfulfilledCommands: false,
    // zero: with resending off, ioredis would leave what was in flight unsettled
    maxRetriesPerRequest: 0,
    ...timeouts,
  });
  client.on('error', onError);
  return client;
}
