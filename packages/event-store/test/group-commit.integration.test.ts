import { type OwnServer, startOwnRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EventStore, openEventStore } from '../src/index.ts';
import { added, counterRegistry } from './contract/counter.ts';
import { streamOn } from './contract/tools.ts';

describe('appends to one partition at the same moment', () => {
  // only this test's script calls are to be counted
  let server: OwnServer;
  let store: EventStore;
  beforeAll(async () => {
    server = await startOwnRedis();
    store = await openEventStore({ redisUrl: server.url, registry: counterRegistry });
  });
  afterAll(async () => {
    await store.close();
    await server.close();
  });

  async function scriptCalls(): Promise<number> {
    const stats = await store.redis.info('commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }

  it('share a round trip', async () => {
    await store.append(streamOn(store, 0), [added()]);
    const before = await scriptCalls();
    const streams = Array.from({ length: 30 }, () => streamOn(store, 0));
    await Promise.all(streams.map((stream) => store.append(stream, [added()])));
    expect((await scriptCalls()) - before).toBe(1);
  });
});
