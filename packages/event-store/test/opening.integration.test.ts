import { eventually, type OwnServer, startOwnRedis, tcpProxy, useRedis } from '@headrace/test-kit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createEventStore, type EventStore, type EventStoreOptions, openEventStore } from '../src/index.ts';
import { added, addedTimes, counter, counterRegistry, opened } from './contract/counter.ts';
import { collect, failureOf, newStream } from './contract/tools.ts';

const open: EventStore[] = [];
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
});

function create(options: Partial<EventStoreOptions> & Pick<EventStoreOptions, 'redisUrl'>): EventStore {
  const store = createEventStore({ registry: counterRegistry, connectWaitMs: 200, ...options });
  open.push(store);
  return store;
}

/** Everything that writes; lines of an import are only read once it may. */
function writes(store: EventStore, stream: string): Promise<unknown>[] {
  async function* lines(): AsyncGenerator<string> {
    yield JSON.stringify({ stream, type: 'CounterOpened', data: { owner: 'ann' } });
  }
  return [
    store.append(stream, [added()]),
    store.handle(counter, stream, { kind: 'open', owner: 'ann' }, { creates: true }),
    store.handle(counter, stream, { kind: 'close' }),
    store.sendCommand({ type: 'T', category: 'counter', stream, data: {} }),
    store.saveSnapshot(stream, { version: 1, foldVersion: 1, state: null }),
    store.importEvents(lines(), 'i'),
    store.rebuildIndex(0),
  ];
}

async function expectUnavailable(works: readonly Promise<unknown>[], why = ''): Promise<void> {
  for (const failure of await Promise.all(works.map(failureOf))) {
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect((failure as Error).message).toContain(why);
  }
}

describe('a Redis that comes up after the process', () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnRedis();
    await server.stop();
  });
  afterAll(() => server.close());

  it('is waited for by trying again, and reported as away until then', async () => {
    const store = create({ redisUrl: server.url });
    const stream = newStream();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const failure = await failureOf(store.open());
      expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { code: 'ECONNREFUSED' } });
      await expectUnavailable([store.check(), store.streamVersion(stream), collect(store.readLog())]);
    }
    await server.restart();
    await eventually(() => store.open());
    await store.check();
    expect(await store.handle(counter, stream, { kind: 'open', owner: 'ann' })).toMatchObject({ version: 1 });
    expect(await collect(store.readLog())).toHaveLength(1);
    await server.stop();
  });

  it('is noticed by an open that is waiting', async () => {
    const store = create({ redisUrl: server.url, connectWaitMs: 10_000 });
    const opening = store.open();
    const checking = failureOf(store.check());
    await server.restart();
    await opening;
    expect(await checking).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await store.append(newStream(), [added()]);
    await server.stop();
  });
});

describe('before a store is open', () => {
  const redis = useRedis();
  const keysOf = async (prefix: string): Promise<string[]> => {
    const client = new Redis(redis.url, { protocol: 2, replyMapping: 'legacy' });
    const keys = await client.keys(`${prefix}:*`);
    client.disconnect();
    return keys;
  };

  it('it writes nothing, is not ready, and reads what is there', async () => {
    const prefix = `${redis.prefix}-unopened`;
    const store = create({ redisUrl: redis.url, prefix });
    const stream = newStream();
    await expectUnavailable(writes(store, stream), 'has not been opened');
    expect(await failureOf(store.check())).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await store.streamVersion(stream)).toBe(0);
    expect(await keysOf(prefix)).toEqual([]);

    await store.open();
    await store.check();
    expect(await keysOf(prefix)).toEqual([`${prefix}:meta`]);
    const [appended] = await Promise.allSettled(writes(store, stream));
    expect(appended?.status).toBe('fulfilled');
  });

  it('loading leaves no snapshot behind', async () => {
    const prefix = `${redis.prefix}-loaded`;
    const writer = create({ redisUrl: redis.url, prefix });
    await writer.open();
    const stream = newStream();
    await writer.append(stream, [opened(), ...addedTimes(5)]);
    const failures: unknown[] = [];
    const options = { redisUrl: redis.url, prefix, snapshotEvery: 2 };
    const reader = create({ ...options, onBackgroundError: (error) => failures.push(error) });
    expect(await reader.load(counter, stream)).toMatchObject({ version: 6 });
    expect(failures).toMatchObject([{ code: 'STORE_UNAVAILABLE' }]);
    expect(await writer.listSnapshots(stream)).toEqual([]);
  });

  it('a log of another shape keeps it closed, and it may be opened later', async () => {
    const prefix = `${redis.prefix}-shape`;
    const other = create({ redisUrl: redis.url, prefix, partitions: 3 });
    await other.open();
    const store = create({ redisUrl: redis.url, prefix, partitions: 4 });
    expect(await failureOf(store.open())).toMatchObject({ code: 'LOG_MISMATCH' });
    expect(await failureOf(store.append(newStream(), [added()]))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await other.redis.hset(other.keys.meta, 'partitions', 4);
    await store.open();
    expect(await store.append(newStream(), [added()])).toMatchObject({ version: 1 });
  });

  it('several calls at once agree, and another call does no harm', async () => {
    const store = create({ redisUrl: redis.url, prefix: `${redis.prefix}-twice` });
    await Promise.all([store.open(), store.open(), store.open()]);
    await store.open();
    expect(await store.append(newStream(), [added()])).toMatchObject({ version: 1 });
  });

  it('it can be closed, for good', async () => {
    const proxy = await tcpProxy({ target: redis.url });
    const store = create({ redisUrl: proxy.url, prefix: redis.prefix });
    await eventually(() => proxy.connections === 1);
    await store.close();
    await eventually(() => proxy.connections === 0);
    await expectUnavailable([store.open(), store.check(), store.streamVersion(newStream())]);
    expect(proxy.connections).toBe(0);
    await proxy.close();
  });

  it('opening in one step closes what it had created when it fails', async () => {
    const proxy = await tcpProxy({ target: redis.url });
    const prefix = `${redis.prefix}-one-step`;
    const store = await openEventStore({ registry: counterRegistry, redisUrl: proxy.url, prefix });
    const before = proxy.connections;
    const mismatch = { registry: counterRegistry, redisUrl: proxy.url, prefix, partitions: 3 };
    expect(await failureOf(openEventStore(mismatch))).toMatchObject({ code: 'LOG_MISMATCH' });
    await eventually(() => proxy.connections === before);
    await store.close();
    await proxy.close();
  });
});
