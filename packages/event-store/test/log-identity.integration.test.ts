import { readdir, rm } from 'node:fs/promises';
import { eventually, type OwnServer, startOwnRedis, type TcpProxy, tcpProxy } from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventStore, type EventStore } from '../src/index.ts';
import { added, counterRegistry } from './contract/counter.ts';
import { failureOf, newStream } from './contract/tools.ts';

let server: OwnServer;
let stores: EventStore[];
const LONG_AGO = '2020-01-01T00:00:00.000Z';

beforeEach(async () => {
  server = await startOwnRedis();
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await server.close();
});

function create(redisUrl: string): EventStore {
  const store = createEventStore({ registry: counterRegistry, redisUrl, partitions: 2 });
  stores.push(store);
  return store;
}

async function open(redisUrl = server.url): Promise<EventStore> {
  const store = create(redisUrl);
  await eventually(() => store.open());
  return store;
}

async function comesBackEmpty(): Promise<void> {
  await server.stop();
  for (const name of await readdir(server.dir)) {
    if (name.startsWith('appendonlydir') || name.endsWith('.rdb'))
      await rm(`${server.dir}/${name}`, { recursive: true });
  }
  await server.restart();
}

const say = (store: EventStore): Promise<unknown> => store.append(newStream(), [added()]);

/** What the append is refused with once Redis is there again. */
async function refusalOf(store: EventStore): Promise<unknown> {
  return await eventually(async () => {
    const failure = await failureOf(say(store));
    expect(failure).not.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    return failure;
  });
}

it('a log keeps its id, and a process goes on with it when Redis has been away', async () => {
  const store = await open();
  const id = store.logId();
  await say(store);
  await server.restart();
  await eventually(() => say(store));
  expect((await open()).logId()).toBe(id);
  expect(await store.requireKnownLog({ id: id ?? '', since: LONG_AGO })).toBe(id);
});

it('nothing is appended to a log that has come in the place of the one that was known', async () => {
  const store = await open();
  const old = store.logId();
  await say(store);
  await comesBackEmpty();
  expect(await refusalOf(store)).toMatchObject({ code: 'LOG_CHANGED', known: old, found: undefined });
  expect(await failureOf(store.open())).toMatchObject({ code: 'LOG_CHANGED' });
  expect(await failureOf(store.check())).toMatchObject({ code: 'LOG_CHANGED' });

  // nor by those that have known none, and begin a new one
  const other = await open();
  const found = other.logId();
  expect(found).not.toBe(old);
  for (let i = 0; i < 8; i += 1) expect(await refusalOf(other)).toMatchObject({ code: 'LOG_DISPUTED' });
  // what a look at the server has found holds for a moment
  await eventually(async () => expect(await refusalOf(store)).toMatchObject({ known: old, found }));

  expect(await other.adoptLog()).toEqual([old]);
  await say(other);
  await eventually(() => say(store));
  expect(store.logId()).toBe(found);
  expect(await other.adoptLog()).toEqual([]);
});

describe('a process that finds another log at its address', () => {
  let second: OwnServer;
  let proxy: TcpProxy;
  beforeEach(async () => {
    second = await startOwnRedis();
    proxy = await tcpProxy({ target: server.url });
  });
  afterEach(async () => {
    await proxy.close();
    await second.close();
  });

  async function missedBy(store: EventStore): Promise<void> {
    proxy.lead(second.url);
    proxy.cut();
    await eventually(async () => expect(await failureOf(say(store))).toMatchObject({ code: 'LOG_CHANGED' }));
  }

  it('stops the appends to one that is younger than what it knows', async () => {
    const store = await open(proxy.url);
    const other = await open(second.url);
    await say(other);
    await missedBy(store);
    for (let i = 0; i < 8; i += 1) expect(await refusalOf(other)).toMatchObject({ code: 'LOG_DISPUTED' });
  });

  it('leaves one alone that is older', async () => {
    const other = await open(second.url);
    await missedBy(await open(proxy.url));
    for (let i = 0; i < 8; i += 1) await say(other);
  });
});

it('takes no appends once a service has missed the old log, until it is adopted', async () => {
  const store = await open();
  const known = { id: 'what-the-database-knows', since: LONG_AGO };
  await say(store);
  expect(await failureOf(store.requireKnownLog(known))).toMatchObject({ code: 'LOG_CHANGED' });
  for (let i = 0; i < 8; i += 1) expect(await refusalOf(store)).toMatchObject({ code: 'LOG_DISPUTED' });
  expect(await failureOf(store.check())).toMatchObject({ code: 'LOG_DISPUTED' });
  expect(await store.adoptLog()).toEqual([known.id]);
  await store.check();
  expect(await store.requireKnownLog(known)).toBe(store.logId());
  for (let i = 0; i < 8; i += 1) await say(store);
});

it('a service whose knowledge is younger than the log does not stop others', async () => {
  const store = await open();
  const known = { id: 'of-another-place', since: new Date(Date.now() + 60_000).toISOString() };
  expect(await failureOf(store.requireKnownLog(known))).toMatchObject({ code: 'LOG_CHANGED' });
  await say(store);
});
