import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

/** Tells idle partitions that their Redis stream has grown, over one blocking connection for all of them. */
export interface Wake {
  /** Resolves when `key` holds an entry after `entryId`, after `BLOCK_MS` at the latest, or when `signal` aborts. */
  wait(key: string, entryId: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Waiter {
  readonly key: string;
  readonly entryId: string;
  readonly resolve: () => void;
}

const BLOCK_MS = 2_000;
/** A blocking read that has not come back this long after its time never will (bullmq#4479): start afresh. */
const WATCHDOG_GRACE_MS = 3_000;
const RETRY_MS = 100;

/**
 * @param connect makes a connection on which nothing is sent twice; closed by the wake
 * @param control another connection, to interrupt the blocked one when there is more to watch
 */
export function createWake(connect: () => Redis, control: Redis): Wake {
  const waiters = new Set<Waiter>();
  let watched: ReadonlySet<Waiter> | undefined;
  let client: Redis | undefined;
  let clientId: number | undefined;
  let closed = false;
  let interrupting = false;
  let somebodyWaits: (() => void) | undefined;

  async function listen(): Promise<void> {
    while (!closed) {
      if (waiters.size === 0) {
        await new Promise<void>((resolve) => {
          somebodyWaits = resolve;
        });
        continue;
      }
      try {
        await blockOnce();
      } catch {
        watched = undefined;
        discardClient();
        if (!closed) await sleep(RETRY_MS);
      }
    }
  }

  async function blockOnce(): Promise<void> {
    client ??= connect();
    clientId ??= Number(await client.client('ID'));
    const batch = new Set(waiters);
    watched = batch;
    const list = [...batch];
    const read = client.xread(
      'COUNT',
      1,
      'BLOCK',
      BLOCK_MS,
      'STREAMS',
      ...list.map(({ key }) => key),
      ...list.map(({ entryId }) => entryId),
    );
    const reply = (await withWatchdog(read)) as [string, unknown][] | null;
    watched = undefined;
    const grown = new Set((reply ?? []).map(([key]) => key));
    // a time-out wakes everybody: sessions look after other things now and then
    for (const waiter of list) if (grown.has(waiter.key)) waiter.resolve();
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

  function discardClient(): void {
    client?.disconnect();
    client = undefined;
    clientId = undefined;
  }

  function hasNewcomers(): boolean {
    return !closed && watched !== undefined && [...waiters].some((waiter) => !watched?.has(waiter));
  }

  /** Ends the current blocking read so that the next one watches the newcomers too. */
  async function interrupt(): Promise<void> {
    if (interrupting) return;
    interrupting = true;
    // the blocking read ends by itself soon if this fails
    await unblockWhileThereAreNewcomers().catch(() => undefined);
    interrupting = false;
  }

  async function unblockWhileThereAreNewcomers(): Promise<void> {
    let pauseMs = 1;
    let interrupted: typeof watched;
    while (hasNewcomers()) {
      // one that does not end hangs: until the watchdog finds out, Redis need not be asked a thousand times a second
      pauseMs = watched === interrupted ? Math.min(pauseMs * 2, RETRY_MS) : 1;
      interrupted = watched;
      if (clientId !== undefined) await control.client('UNBLOCK', clientId);
      await sleep(pauseMs);
    }
  }

  void listen();
  return {
    wait: (key, entryId, signal) =>
      new Promise((resolve) => {
        if (closed || signal.aborted) return resolve();
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', finish);
          waiters.delete(waiter);
          resolve();
        };
        const waiter: Waiter = { key, entryId, resolve: finish };
        const timer = setTimeout(finish, BLOCK_MS);
        signal.addEventListener('abort', finish);
        waiters.add(waiter);
        somebodyWaits?.();
        if (watched !== undefined) void interrupt();
      }),
    close: () => {
      closed = true;
      somebodyWaits?.();
      discardClient();
      for (const waiter of [...waiters]) waiter.resolve();
    },
  };
}
