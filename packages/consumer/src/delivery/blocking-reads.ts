import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** Blocking reads of several Redis streams, one after the other on one connection. */
export interface BlockingReads {
  /**
   * Waits until one of the streams holds an entry after its position, or until somebody interrupts.
   * @returns for streams that have grown: an entry after the position; empty when the time was up
   */
  read(positions: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>>;
  /** Ends the read that is under way if it is without this stream. Does not reject. */
  include(key: string): Promise<void>;
  close(): void;
}

const BLOCK_MS = 2_000;
/** A blocking read that has not come back this long after its time never will (bullmq#4479): start afresh. */
const WATCHDOG_GRACE_MS = 3_000;
const LONGEST_PAUSE_MS = 100;

/**
 * @param connect makes a connection on which nothing is sent twice
 * @param control another connection
 */
export function createBlockingReads(connect: () => Redis, control: Redis): BlockingReads {
  const missing = new Set<string>();
  let reading: ReadonlyMap<string, string> | undefined;
  let client: Redis | undefined;
  let clientId: number | undefined;
  let closed = false;
  let interrupting = false;

  function discardClient(): void {
    client?.disconnect();
    client = undefined;
    clientId = undefined;
  }

  function connectOnce(): Redis {
    const made = connect();
    // comes back by itself, as another one to Redis
    made.on('close', () => {
      if (client === made) clientId = undefined;
    });
    return made;
  }

  async function readOnce(positions: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
    missing.clear();
    reading = positions;
    client ??= connectOnce();
    clientId ??= Number(await client.client('ID'));
    const streams = [...positions.keys(), ...positions.values()];
    const reply = await withWatchdog(client.xread('COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', ...streams));
    const grown = (reply ?? []) as [key: string, entries: [entryId: string, fields: string[]][]][];
    return new Map(grown.flatMap(([key, [entry]]) => (entry === undefined ? [] : [[key, entry[0]]])));
  }

  /** Until the read that is under way, whichever that is by then, is with everything that was asked for. */
  async function unblockWhileMissing(): Promise<void> {
    if (interrupting) return;
    interrupting = true;
    try {
      await unblock();
    } finally {
      interrupting = false;
    }
  }

  async function unblock(): Promise<void> {
    let pauseMs = 1;
    let interrupted: typeof reading;
    while (!closed && reading !== undefined && missing.size > 0) {
      // one that does not end hangs: until the watchdog finds out, Redis need not be asked a thousand times a second
      pauseMs = reading === interrupted ? Math.min(pauseMs * 2, LONGEST_PAUSE_MS) : 1;
      interrupted = reading;
      if (clientId !== undefined) await control.client('UNBLOCK', clientId);
      await sleep(pauseMs);
    }
  }

  return {
    read: async (positions) => {
      try {
        return await readOnce(positions);
      } catch (error) {
        discardClient();
        throw error;
      } finally {
        reading = undefined;
      }
    },
    include: async (key) => {
      if (reading?.has(key) === true) return;
      missing.add(key);
      // the blocking read ends by itself soon if this fails
      await unblockWhileMissing().catch(() => undefined);
    },
    close: () => {
      closed = true;
      discardClient();
    },
  };
}

async function withWatchdog<T>(read: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = sleep(BLOCK_MS + WATCHDOG_GRACE_MS, undefined, { signal: done.signal }).then(
    () => Promise.reject(new Error('a blocking read did not come back')),
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([read, late]);
  } finally {
    done.abort();
  }
}
