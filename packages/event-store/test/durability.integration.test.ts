import { eventually, type OwnServer, startOwnRedis, tcpProxy } from '@headrace/test-kit';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Durability,
  DurabilityNotGivenError,
  type EventStore,
  type EventStoreOptions,
  openEventStore,
} from '../src/index.ts';
import { added, counterRegistry } from './contract/counter.ts';
import { collect, failureOf, keyed, newStream } from './contract/tools.ts';

type Settings = Readonly<Record<string, string>>;

const sound: Settings = {
  'maxmemory-policy': 'noeviction',
  appendonly: 'yes',
  appendfsync: 'always',
  'no-appendfsync-on-rewrite': 'no',
  maxmemory: '0',
};

function adminOf(server: OwnServer): Redis {
  return new Redis(server.url, { protocol: 2, replyMapping: 'legacy' });
}

async function configure(admin: Redis, settings: Settings): Promise<void> {
  for (const [name, value] of Object.entries(settings)) await admin.config('SET', name, value);
}

async function knowsWaitAof(admin: Redis): Promise<boolean> {
  const [info] = (await admin.call('COMMAND', 'INFO', 'WAITAOF')) as unknown[];
  return Array.isArray(info);
}

/** Tries without a pause, so that no moment between reconnecting and checking goes untried. */
async function refusedForDurability(store: EventStore, stream: string): Promise<DurabilityNotGivenError> {
  for (;;) {
    const failure = await failureOf(store.append(stream, [added()]));
    if (failure instanceof DurabilityNotGivenError) return failure;
  }
}

describe('declared durability', () => {
  let server: OwnServer;
  let admin: Redis;
  const open = (options: Partial<EventStoreOptions>): Promise<EventStore> =>
    openEventStore({ redisUrl: server.url, registry: counterRegistry, ...options });
  beforeAll(async () => {
    server = await startOwnRedis();
    admin = adminOf(server);
  });
  beforeEach(() => configure(admin, sound));
  afterAll(async () => {
    admin.disconnect();
    await server.close();
  });

  it.each<[Durability, Settings]>([
    ['memory', { 'maxmemory-policy': 'allkeys-lru' }],
    ['fsync', { 'maxmemory-policy': 'allkeys-lru' }],
    ['fsync', { appendonly: 'no' }],
    ['fsync', { 'no-appendfsync-on-rewrite': 'yes' }],
    ['replicated', { 'maxmemory-policy': 'volatile-ttl' }],
    ['replicated', { appendonly: 'no' }],
  ])('%s is refused by a server with %j', async (durability, wrong) => {
    await configure(admin, wrong);
    const failure = await failureOf(open({ durability }));
    expect(failure).toMatchObject({ code: 'DURABILITY_NOT_GIVEN' });
    for (const [name, value] of Object.entries(wrong))
      expect((failure as Error).message).toContain(`${name} is "${value}"`);
  });

  it.each<[Durability, Settings]>([
    ['memory', { appendonly: 'no', appendfsync: 'no', 'no-appendfsync-on-rewrite': 'yes' }],
    ['fsync', {}],
    ['replicated', { appendfsync: 'everysec' }],
  ])('%s is given by a server with %j', async (durability, settings) => {
    await configure(admin, settings);
    const store = await open({ durability });
    await store.check();
    await store.close();
  });

  it('fsync is refused where nothing is synced, and needs confirmations where it is synced late', async () => {
    await configure(admin, { appendfsync: 'no' });
    const never = await failureOf(open({}));
    expect((never as Error).message).toContain('appendfsync is "no" and must be "always"');
    await configure(admin, { appendfsync: 'everysec' });
    if (await knowsWaitAof(admin)) {
      const store = await open({});
      expect(await store.append(newStream(), [added()])).toMatchObject({ version: 1 });
      await store.close();
    } else {
      const late = await failureOf(open({}));
      expect((late as Error).message).toContain('appendfsync is "everysec" and must be "always"');
    }
  });

  it('names every problem at once', async () => {
    await configure(admin, { 'maxmemory-policy': 'allkeys-lru', appendonly: 'no' });
    expect(await failureOf(open({}))).toMatchObject({ problems: [expect.any(String), expect.any(String)] });
  });

  it('is noticed to be lost by a check, and to be given again', async () => {
    const store = await open({});
    await configure(admin, { 'no-appendfsync-on-rewrite': 'yes' });
    expect(await failureOf(store.check())).toMatchObject({ code: 'DURABILITY_NOT_GIVEN' });
    expect(await failureOf(store.append(newStream(), [added()]))).toMatchObject({
      code: 'DURABILITY_NOT_GIVEN',
    });
    await configure(admin, sound);
    // without a pause: such attempts must not keep the store from checking again
    for (let refused: unknown = true; refused !== undefined; )
      refused = await store.append(newStream(), [added()]).then(
        () => undefined,
        (error: unknown) => error,
      );
    await store.close();
  });

  it('is the operator’s word where CONFIG is forbidden', async () => {
    await admin.call('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const redisUrl = server.url.replace('redis://', 'redis://limited:secret@');
    const failure = await failureOf(open({ redisUrl }));
    expect(failure).toMatchObject({ code: 'DURABILITY_NOT_GIVEN' });
    expect((failure as Error).message).toMatch(/ASSUME_SERVER_SETTINGS=true.*assumeServerSettings/);
    const store = await open({ redisUrl, assumeServerSettings: true });
    await store.append(newStream(), [added()]);
    await store.close();
  });

  it('is looked at again after an outage', async () => {
    const first = await startOwnRedis();
    const store = await openEventStore({ redisUrl: first.url, registry: counterRegistry });
    const stream = newStream();
    await store.append(stream, [added()]);
    await first.stop();
    const settings = { 'no-appendfsync-on-rewrite': 'yes' };
    const noticing = Promise.all(Array.from({ length: 8 }, () => refusedForDurability(store, stream)));
    const second = await startOwnRedis({ port: first.port, dir: first.dir, settings });
    for (const { problems } of await noticing)
      expect(problems).toEqual([expect.stringContaining('no-appendfsync-on-rewrite')]);
    expect(await store.streamVersion(stream)).toBe(1);
    const mender = adminOf(second);
    await configure(mender, sound);
    await eventually(() => store.append(stream, [added()], { expectedVersion: 1 }));
    mender.disconnect();
    await store.close();
    await second.close();
    await first.close();
  });
});

describe('replicated durability', () => {
  let primary: OwnServer;
  let replica: OwnServer;
  const stores: EventStore[] = [];
  const open = async (confirmTimeoutMs: number, redisUrl = primary.url): Promise<EventStore> => {
    const store = await openEventStore({
      redisUrl,
      registry: counterRegistry,
      durability: 'replicated',
      confirmTimeoutMs,
      commandTimeoutMs: confirmTimeoutMs + 1_000,
    });
    stores.push(store);
    return store;
  };
  beforeAll(async () => {
    [primary, replica] = await Promise.all([startOwnRedis(), startOwnRedis()]);
    const admin = adminOf(replica);
    await admin.call('REPLICAOF', '127.0.0.1', primary.port);
    await eventually(async () => expect(await admin.info('replication')).toContain('master_link_status:up'));
    admin.disconnect();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await replica.kill('SIGCONT');
    await Promise.all([replica.close(), primary.close()]);
  });

  it('answers when the replica has the event', async () => {
    const store = await open(30_000);
    const stream = newStream();
    const results = await Promise.all(Array.from({ length: 50 }, () => store.append(stream, [added()])));
    expect(results.every(({ replayed }) => !replayed)).toBe(true);
    const copy = adminOf(replica);
    expect(await copy.llen(store.keys.stream(stream))).toBe(50);
    copy.disconnect();
  });

  it('says so when it does not get there in time: written, not yet confirmed', async () => {
    const store = await open(300);
    const stream = newStream();
    const idempotency = keyed('k');
    await replica.kill('SIGSTOP');
    const append = (): Promise<unknown> => store.append(stream, [added()], { idempotency });
    const shortfall = { code: 'DURABILITY_NOT_REACHED', stream, version: 1, wanted: 1, reached: 0 };
    expect(await failureOf(append())).toMatchObject(shortfall);
    expect(await store.streamVersion(stream)).toBe(1);
    expect(await failureOf(append())).toMatchObject(shortfall);
    const command = { type: 'T', category: 'c', stream, data: {}, key: 'k' };
    expect(await failureOf(store.sendCommand(command))).toMatchObject({ code: 'DURABILITY_NOT_REACHED' });
    await replica.kill('SIGCONT');
    await eventually(async () => expect(await append()).toMatchObject({ version: 1, replayed: true }));
    await eventually(async () => expect(await store.sendCommand(command)).toMatchObject({ repeated: true }));
  });

  it('holds for the claim of a key as well, which a fail-over may have lost before the append', async () => {
    const proxy = await tcpProxy({ target: primary.url });
    const store = await open(2_000, proxy.url);
    const stream = newStream();
    const idempotency = keyed('claimed');
    const append = (meanwhile: () => void) =>
      store.underKey(idempotency, async () => {
        meanwhile();
        return await eventually(() => store.append(stream, [added()], { idempotency }));
      });
    const lost = failureOf(append(() => proxy.cut()));
    expect(await lost).toMatchObject({ code: 'DURABILITY_NOT_REACHED' });
    expect(await append(() => undefined)).toMatchObject({ version: 1, replayed: true });
    await store.close();
    await proxy.close();
  });
});

describe('a Redis without room', () => {
  let server: OwnServer;
  let admin: Redis;
  let store: EventStore;
  beforeAll(async () => {
    server = await startOwnRedis();
    admin = adminOf(server);
    store = await openEventStore({ redisUrl: server.url, registry: counterRegistry });
  });
  afterAll(async () => {
    await store.close();
    admin.disconnect();
    await server.close();
  });

  it('refuses appends whole, serves reads, and goes on when there is room again', async () => {
    const stream = newStream();
    await store.underKey(keyed('known'), async () => 'done');
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    await configure(admin, { maxmemory: String(used + 8 * 1_024 * 1_024) });
    const batch = Array.from({ length: 10 }, (_, i) => added(i, 'x'.repeat(50_000)));
    let stored = 0;
    const fill = async (): Promise<never> => {
      for (;;) stored = (await store.append(stream, batch)).version;
    };
    expect(await failureOf(fill())).toMatchObject({ code: 'STORE_OUT_OF_MEMORY' });
    expect(stored).toBeGreaterThan(0);
    await configure(admin, { maxmemory: '1' });
    const keyedAppend = store.append(stream, [added()], { idempotency: keyed('k') });
    expect(await failureOf(keyedAppend)).toMatchObject({ code: 'STORE_OUT_OF_MEMORY' });
    const stranger = store.underKey(keyed('new'), async () => 'done');
    expect(await failureOf(stranger)).toMatchObject({ code: 'STORE_OUT_OF_MEMORY' });
    // what is there needs no room
    expect(await store.underKey(keyed('known'), async () => 'done')).toBe('done');
    const other = store.underKey({ ...keyed('known'), route: 'other' }, async () => 'done');
    expect(await failureOf(other)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    const command = store.sendCommand({ type: 'T', category: 'c', stream, data: {} });
    expect(await failureOf(command)).toMatchObject({ code: 'STORE_OUT_OF_MEMORY' });

    expect(await store.streamVersion(stream)).toBe(stored);
    expect(await collect(store.readStream(stream))).toHaveLength(stored);
    expect(await collect(store.readLog())).toHaveLength(stored);
    expect((await store.verify(store.keys.partitionOf(stream))).problems).toEqual([]);
    await store.check();
    const again = await openEventStore({ redisUrl: server.url, registry: counterRegistry });
    await again.close();
    const fresh = openEventStore({ redisUrl: server.url, registry: counterRegistry, prefix: 'new' });
    expect(await failureOf(fresh)).toMatchObject({ code: 'STORE_OUT_OF_MEMORY' });

    await configure(admin, { maxmemory: '0' });
    const result = await store.append(stream, [added()], { idempotency: keyed('k') });
    expect(result).toMatchObject({ version: stored + 1, replayed: false });
  });
});
