import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

const BLOCK_MS = 2_000;
/** A blocking read that has not come back this long after its time never will (bullmq#4479): start afresh. */
const WATCHDOG_GRACE_MS = 3_000;
const LONGEST_PAUSE_MS = 100;

/** By key of a Redis stream, an entry id. */
type Positions = ReadonlyMap<string, string>;

/** Blocking reads of several Redis streams, one after the other on one connection. */
export class BlockingReads {
  readonly #connect: () => Redis;
  readonly #control: Redis;
  /** Streams that the read under way should include and does not. */
  readonly #missing = new Set<string>();
  #reading: Positions | undefined;
  #client: Redis | undefined;
  #clientId: number | undefined;
  #closed = false;
  #interrupting = false;

  /**
   * @param connect makes a connection on which nothing is sent twice
   * @param control another connection, to interrupt the blocked one
   */
  constructor(connect: () => Redis, control: Redis) {
    this.#connect = connect;
    this.#control = control;
  }

  /**
   * Waits until one of the streams holds an entry after its position, or until the read is interrupted.
   * @returns for streams that have grown: an entry after the position; empty when the time was up
   */
  async read(positions: Positions): Promise<Positions> {
    try {
      return await this.#readOnce(positions);
    } catch (error) {
      this.#discardClient();
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  /** Ends the read that is under way if it is without this stream. Does not reject. */
  async include(key: string): Promise<void> {
    if (this.#reading?.has(key) === true) return;
    this.#missing.add(key);
    if (this.#interrupting) return;
    this.#interrupting = true;
    // the blocking read ends by itself soon if this fails
    await this.#unblockWhileMissing().catch(() => undefined);
    this.#interrupting = false;
  }

  close(): void {
    this.#closed = true;
    this.#discardClient();
  }

  async #readOnce(positions: Positions): Promise<Positions> {
    this.#missing.clear();
    this.#reading = positions;
    this.#client ??= this.#connectOnce();
    this.#clientId ??= Number(await this.#client.client('ID'));
    const streams = [...positions.keys(), ...positions.values()];
    const reply = await withWatchdog(
      this.#client.xread('COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', ...streams),
    );
    const grown = (reply ?? []) as [key: string, entries: [entryId: string, fields: string[]][]][];
    return new Map(grown.flatMap(([key, [entry]]) => (entry === undefined ? [] : [[key, entry[0]]])));
  }

  #connectOnce(): Redis {
    const client = this.#connect();
    // reconnects by itself, with another id
    client.on('close', () => {
      if (this.#client === client) this.#clientId = undefined;
    });
    return client;
  }

  #discardClient(): void {
    this.#client?.disconnect();
    this.#client = undefined;
    this.#clientId = undefined;
  }

  /** Until the read that is under way, whichever that is by then, includes everything that was asked for. */
  async #unblockWhileMissing(): Promise<void> {
    let pauseMs = 1;
    let interrupted: Positions | undefined;
    while (!this.#closed && this.#reading !== undefined && this.#missing.size > 0) {
      // a read that does not end hangs: until the watchdog acts, Redis need not be asked a thousand times a second
      pauseMs = this.#reading === interrupted ? Math.min(pauseMs * 2, LONGEST_PAUSE_MS) : 1;
      interrupted = this.#reading;
      if (this.#clientId !== undefined) await this.#control.client('UNBLOCK', this.#clientId);
      await sleep(pauseMs);
    }
  }
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
