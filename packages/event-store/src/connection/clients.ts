import { Redis, type RedisOptions } from 'ioredis';
import type { EventStoreSettings } from '../store-settings.ts';

/** What a disconnected peer gets to say goodbye. */
const DISCONNECT_MS = 100;

const reconnectDelayMs = (attempt: number): number => Math.min(25 * 2 ** Math.min(attempt, 6), 1_000);

const readers = new WeakMap<EventStoreSettings, Redis>();

/**
 * A server that was demoted keeps its connections and refuses to write. Whoever hears of it connects anew, to
 * whichever server has the address by now, and so does the reader, which would else read a replica and not know.
 */
function reconnectOnDemotion(settings: EventStoreSettings): (error: Error) => boolean {
  return (error) => {
    if (!error.message.startsWith('READONLY')) return false;
    readers.get(settings)?.disconnect(true);
    return true;
  };
}

function connect(settings: EventStoreSettings, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  // RESP2 with its plain arrays, whatever the server prefers: scripts answer in arrays anyhow
  const client = new Redis(settings.redisUrl, {
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    retryStrategy: reconnectDelayMs,
    connectTimeout: 2_000,
    // whoever says nothing while answers are due is gone: TCP alone would take a quarter of an hour to tell
    socketTimeout: settings.commandTimeoutMs,
    disconnectTimeout: DISCONNECT_MS,
    reconnectOnError: reconnectOnDemotion(settings),
    ...options,
  });
  client.on('error', settings.onBackgroundError);
  return client;
}

/** For reads and for whatever may safely be sent twice: waits through a short reconnect, then fails. */
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
