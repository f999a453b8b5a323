import { Redis, type RedisOptions } from 'ioredis';
import type { EventStoreSettings } from '../store-settings.ts';

/** How long `disconnect` waits for the peer to close. */
const DISCONNECT_MS = 100;

const reconnectDelayMs = (attempt: number): number => Math.min(25 * 2 ** Math.min(attempt, 6), 1_000);

const readers = new WeakMap<EventStoreSettings, Redis>();

/**
 * A demoted server keeps its connections and refuses writes. A client that gets this refusal reconnects, to the server
 * that has the address now, and so does the reader, which would go on reading a replica otherwise.
 */
function reconnectOnDemotion(settings: EventStoreSettings): (error: Error) => boolean {
  return (error) => {
    if (!error.message.startsWith('READONLY')) return false;
    readers.get(settings)?.disconnect(true);
    return true;
  };
}

function connect(settings: EventStoreSettings, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  // RESP2: plain arrays, as scripts return them
  const client = new Redis(settings.redisUrl, {
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    retryStrategy: reconnectDelayMs,
    connectTimeout: 2_000,
    // a server that sends nothing while replies are due is lost: TCP alone would take a quarter of an hour to notice
    socketTimeout: settings.commandTimeoutMs,
    disconnectTimeout: DISCONNECT_MS,
    reconnectOnError: reconnectOnDemotion(settings),
    ...options,
  });
  client.on('error', settings.onBackgroundError);
  return client;
}

/** For commands that may safely be sent twice: waits through a short reconnect, then fails. */
export function createReader(settings: EventStoreSettings): Redis {
  const reader = connect(settings, { maxRetriesPerRequest: 2, commandTimeout: settings.commandTimeoutMs });
  readers.set(settings, reader);
  return reader;
}

/**
 * For appends: nothing is ever sent twice, and everything in flight fails at once when the connection
 * breaks. (With resending off, ioredis would otherwise leave it unsettled: zero retries flush it.)
 */
export function createAppendClient(settings: EventStoreSettings): Redis {
  return connect(settings, {
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
  });
}
