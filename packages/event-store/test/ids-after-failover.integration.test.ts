import { parsePosition } from '@headrace/event-schema';
import { eventually, type OwnServer, startOwnRedis, tcpProxy } from '@headrace/test-kit';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type EventStore, openEventStore } from '../src/index.ts';
import { added, counterRegistry } from './contract/counter.ts';
import { newStream } from './contract/tools.ts';

let primary: OwnServer;
let replica: OwnServer;
let stores: EventStore[];

beforeEach(async () => {
  primary = await startOwnRedis();
  replica = await startOwnRedis({ settings: { replicaof: `127.0.0.1 ${primary.port}` } });
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await Promise.all([primary.close(), replica.close()]);
});

async function open(server: OwnServer): Promise<EventStore> {
  const store = await openEventStore({ registry: counterRegistry, redisUrl: server.url, partitions: 1 });
  stores.push(store);
  return store;
}

async function onReplica(work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(replica.url);
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Ids of so many appends that are caused by an event of a moment, so that the clock says nothing about them. */
async function idsAt(store: EventStore, ms: number, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const { positions } = await store.append(newStream(), [added(), added()], { cause: `0-${ms - 1}-0` });
    ids.push(...positions);
  }
  return ids;
}

it('an id that was given out for an event which a fail-over has lost is never given out again', async () => {
  const before = await open(primary);
  const moment = Date.now() + 30_000;
  const kept = await idsAt(before, moment, 2);
  expect(kept).toEqual([0, 1, 2, 3].map((seq) => `0-${moment}-${seq}`));
  await onReplica(async (redis) => {
    await eventually(async () => expect(await redis.xlen(before.keys.log(0))).toBe(kept.length));
    // from here on it gets nothing more
    await redis.replicaof('127.0.0.1', '1');
  });
  const lost = await idsAt(before, moment, 50);
  await primary.kill('SIGKILL');
  await onReplica((redis) => redis.replicaof('NO', 'ONE'));

  const after = await open(replica);
  const given = await idsAt(after, moment, 50);
  expect(given.filter((id) => lost.includes(id))).toEqual([]);
  expect(new Set(given).size).toBe(100);
  // in the order of the log, behind what was kept
  const places = [...kept, ...given].map((id) => parsePosition(id));
  for (const [i, { ms, seq }] of places.entries()) {
    const next = places[i + 1];
    if (next !== undefined) expect(next.ms > ms || (next.ms === ms && next.seq > seq)).toBe(true);
  }
  const read: string[] = [];
  for await (const { position } of after.readPartition(0)) read.push(position);
  expect(read).toEqual([...kept, ...given]);
  // another process goes on with them
  const [first = ''] = await idsAt(await open(replica), moment, 1);
  expect(parsePosition(first).seq).toBe((places.at(-1)?.seq ?? 0) + 1);
});

it('nor by what waited for the server that took over', async () => {
  const proxy = await tcpProxy({ target: primary.url });
  const before = await open(primary);
  const store = await openEventStore({ registry: counterRegistry, redisUrl: proxy.url, partitions: 1 });
  stores.push(store);
  const moment = Date.now() + 30_000;
  await idsAt(before, moment, 1);
  await onReplica(async (redis) => {
    await eventually(async () => expect(await redis.xlen(store.keys.log(0))).toBe(2));
    await redis.replicaof('127.0.0.1', '1');
  });
  const lost = await idsAt(before, moment, 5);
  await proxy.down();
  await onReplica((redis) => redis.replicaof('NO', 'ONE'));
  proxy.lead(replica.url);
  const waiting = idsAt(store, moment, 1);
  await proxy.up();
  const given = await waiting;
  await proxy.close();
  expect(given.filter((id) => lost.includes(id))).toEqual([]);
});

it('a server that merely starts again gives ids as before', async () => {
  const store = await open(primary);
  const moment = Date.now() + 30_000;
  await idsAt(store, moment, 1);
  await primary.restart();
  await eventually(() => store.check());
  expect(await idsAt(store, moment, 1)).toEqual([`0-${moment}-2`, `0-${moment}-3`]);
});
