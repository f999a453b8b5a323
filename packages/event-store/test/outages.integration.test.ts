import {
  eventually,
  type OwnServer,
  startOwnRedis,
  type TcpProxy,
  tcpProxy,
  useRedis,
} from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CheckedConnection } from '../src/connection/checked-connection.ts';
import { createLogIdentity } from '../src/connection/log-identity.ts';
import { type EventStore, openEventStore } from '../src/index.ts';
import { completeSettings } from '../src/store-settings.ts';
import { added, counter, counterRegistry, opened } from './contract/counter.ts';
import { collect, failureOf, keyed, newStream } from './contract/tools.ts';

const quick = {
  registry: counterRegistry,
  commandTimeoutMs: 4_000,
  confirmTimeoutMs: 2_000,
  connectWaitMs: 1_000,
  outcomeTimeoutMs: 8_000,
};

async function elapsed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

describe('while Redis cannot be reached', () => {
  const redis = useRedis();
  let proxy: TcpProxy;
  let store: EventStore;
  beforeEach(async () => {
    proxy = await tcpProxy({ target: redis.url });
    store = await openEventStore({ ...quick, redisUrl: proxy.url, prefix: redis.prefix });
    return async () => {
      await store.close();
      await proxy.close();
    };
  });

  /** Until then an append may still be sent on a dead connection, and its outcome is not known. */
  async function noticed(): Promise<void> {
    expect(await failureOf(store.check())).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  }

  it('everything is refused in bounded time, and goes on by itself afterwards', async () => {
    const stream = newStream();
    await store.append(stream, [opened()]);
    await proxy.down();
    await noticed();
    const works: (() => Promise<unknown>)[] = [
      () => store.append(stream, [added()]),
      () => store.append(stream, [added()], { idempotency: keyed('k'), expectedVersion: 1 }),
      () => store.underKey(keyed('k2'), async () => 'done'),
      () => store.check(),
      () => store.streamVersion(stream),
      () => store.handle(counter, stream, { kind: 'close' }),
      () => store.load(counter, stream),
      () => collect(store.readStream(stream)),
      () => collect(store.readLog()),
      () => store.sendCommand({ type: 'T', category: 'c', stream, data: {} }),
      () => store.rebuildIndex(0),
      () => store.verify(0),
    ];
    const failures = works.map((work) => failureOf(work()));
    expect(await elapsed(Promise.all(failures))).toBeLessThan(10_000);
    for (const failure of await Promise.all(failures))
      expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await elapsed(failureOf(store.append(stream, [added()])))).toBeLessThan(3_000);

    await proxy.up();
    await eventually(() => store.check());
    expect(await store.append(stream, [added()])).toMatchObject({ version: 2 });
    expect(await store.streamVersion(stream)).toBe(2);
  });

  it('a reconnect leaves no listeners behind', async () => {
    const errors: unknown[] = [];
    const onBackgroundError = (error: unknown): void => {
      errors.push(error);
    };
    const connection = new CheckedConnection(
      completeSettings({ ...quick, redisUrl: proxy.url, onBackgroundError }),
      createLogIdentity(store.keys),
    );
    await connection.checked();
    const listeners = (): number[] =>
      ['ready', 'close', 'error'].map((event) => connection.client.listenerCount(event));
    const before = listeners();
    await proxy.down();
    await eventually(() => errors.length >= 4);
    await proxy.up();
    await eventually(() => connection.client.status === 'ready');
    expect(listeners()).toEqual(before);
    expect(connection.losses).toBe(1);
    connection.client.disconnect();
  });

  it('a server that accepts connections and says nothing is not waited for', async () => {
    const stream = newStream();
    proxy.stall();
    proxy.cut();
    await noticed();
    const started = performance.now();
    expect(await failureOf(store.append(stream, [added()]))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await failureOf(store.streamVersion(stream))).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(10_000);
    const opening = openEventStore({ ...quick, redisUrl: proxy.url, prefix: redis.prefix });
    expect(await failureOf(opening)).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy.resume();
    await eventually(() => store.append(stream, [added()], { expectedVersion: 0 }));
    expect(await store.streamVersion(stream)).toBe(1);
  });

  it('closing settles what is under way', async () => {
    const stream = newStream();
    proxy.stall();
    const stalled = [
      failureOf(store.append(stream, [added()], { expectedVersion: 0 })),
      failureOf(store.streamVersion(stream)),
    ];
    await store.close();
    expect(await elapsed(Promise.all(stalled))).toBeLessThan(3_000);

    const second = await tcpProxy({ target: redis.url });
    const downed = await openEventStore({ ...quick, redisUrl: second.url, prefix: redis.prefix });
    await second.close();
    const waiting = [failureOf(downed.append(stream, [added()])), failureOf(downed.streamVersion(stream))];
    await downed.close();
    expect(await elapsed(Promise.all(waiting))).toBeLessThan(3_000);
  });

  it('opening fails with a clear error and closes its connections', async () => {
    await proxy.down();
    const opening = openEventStore({ ...quick, redisUrl: proxy.url, prefix: redis.prefix });
    expect(await failureOf(opening)).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.close();
    await proxy.up();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(proxy.connections).toBe(0);
  });
});

/** Appends one event after the other, every second one under a key, and keeps account. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly doubtful: string[] = [];
  readonly surprises: unknown[] = [];
  readonly #store: EventStore;
  readonly #stream = newStream();
  #writing = true;

  constructor(store: EventStore) {
    this.#store = store;
  }

  async run(): Promise<void> {
    for (let i = 0; this.#writing; i += 1) {
      const commandId = `${this.#stream}/${i}`;
      const options = i % 2 === 0 ? { commandId } : { commandId, idempotency: keyed(commandId) };
      await this.#store.append(this.#stream, [added(i)], options).then(
        () => this.acknowledged.push(commandId),
        (error: { code?: string }) => this.#failed(commandId, error),
      );
    }
  }

  stop(): void {
    this.#writing = false;
  }

  #failed(commandId: string, error: { code?: string }): void {
    if (error.code === 'APPEND_OUTCOME_UNKNOWN') this.doubtful.push(commandId);
    else if (error.code !== 'STORE_UNAVAILABLE') this.surprises.push(error);
  }
}

describe('a killed Redis', () => {
  let server: OwnServer;
  let store: EventStore;
  beforeEach(async () => {
    server = await startOwnRedis();
    store = await openEventStore({ ...quick, redisUrl: server.url });
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  it('has every acknowledged append after its restart, and each at most once', async () => {
    const writers = Array.from({ length: 32 }, () => new Writer(store));
    const acknowledged = (): string[] => writers.flatMap((writer) => writer.acknowledged);
    const progress = async (appends: number): Promise<void> => {
      const goal = acknowledged().length + appends;
      await eventually(() => acknowledged().length >= goal);
    };
    const done = Promise.all(writers.map((writer) => writer.run()));
    for (let round = 0; round < 2; round += 1) {
      await progress(1_000);
      await server.kill('SIGKILL');
      await server.restart();
    }
    await progress(500);
    for (const writer of writers) writer.stop();
    await done;

    expect(writers.flatMap((writer) => writer.surprises)).toEqual([]);
    const stored = (await collect(store.readLog())).map(({ meta }) => meta.commandId ?? '');
    const known = new Set(stored);
    expect(known.size).toBe(stored.length);
    expect(acknowledged().filter((commandId) => !known.has(commandId))).toEqual([]);
    const allowed = new Set([...acknowledged(), ...writers.flatMap((writer) => writer.doubtful)]);
    expect(stored.filter((commandId) => !allowed.has(commandId))).toEqual([]);
    for (let partition = 0; partition < store.partitions; partition += 1)
      expect((await store.verify(partition)).problems).toEqual([]);
  });

  it('knows no scripts any more, which callers do not notice', async () => {
    const stream = newStream();
    await store.append(stream, [opened()]);
    await server.kill('SIGKILL');
    await server.restart();
    await eventually(() => store.check());
    const all = await Promise.all([
      ...Array.from({ length: 20 }, () => store.append(stream, [added()])),
      ...Array.from({ length: 20 }, () => store.load(counter, stream)),
    ]);
    expect(all).toHaveLength(40);
    await store.redis.script('FLUSH');
    await store.handle(counter, stream, { kind: 'close' });
    expect(await store.streamVersion(stream)).toBe(22);
  });

  it('that stands still for a while loses and doubles nothing', async () => {
    const stream = newStream();
    await store.append(stream, [opened()]);
    await server.kill('SIGSTOP');
    const stuck = [
      store.append(stream, [added(1)], { expectedVersion: 1 }),
      store.append(newStream(), [added(1)], { idempotency: keyed('k') }),
    ];
    const settled = Promise.allSettled(stuck);
    setTimeout(() => void server.kill('SIGCONT'), 5_000);
    const outcomes = await settled;
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(await store.streamVersion(stream)).toBe(2);
  });
});
