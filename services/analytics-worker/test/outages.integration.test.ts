import { tcpProxy, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { appendMixed, randomHistories } from './order-histories.ts';
import { openStore, runAnalytics } from './running-analytics.ts';
import { expectSameAsRecount } from './same-as-recount.ts';

const PATHS = ['summary', 'timeseries', 'funnel', 'top-products'];
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe('without Redis', () => {
  const redis = useRedis();
  const postgres = usePostgres();

  it('answers every question, is not ready, and goes on by itself', async () => {
    const proxy = await tcpProxy({ target: redis.url });
    stops.push(() => proxy.close());
    const direct = await openStore(redis);
    stops.push(() => direct.close());
    const analytics = await runAnalytics({ ...redis, url: proxy.url }, postgres);
    stops.push(() => analytics.stop());
    await appendMixed(direct, randomHistories(5, 40), 5);
    await analytics.caughtUp();

    await proxy.down();
    await expectSameAsRecount(direct, analytics.ask);
    expect((await analytics.app.inject('/health/ready')).statusCode).toBe(503);
    await appendMixed(direct, randomHistories(6, 40), 6);
    await proxy.up();
    await analytics.caughtUp();
    await expectSameAsRecount(direct, analytics.ask);
  });
});

describe('without PostgreSQL', () => {
  const redis = useRedis();
  const postgres = usePostgres();

  it('answers 503 with Retry-After, and counts what came meanwhile', async () => {
    const proxy = await tcpProxy({ target: postgres.url });
    stops.push(() => proxy.close());
    const analytics = await runAnalytics(redis, { ...postgres, url: proxy.url });
    stops.push(() => analytics.stop());
    await analytics.caughtUp();

    await proxy.down();
    for (const path of PATHS) {
      const response = await analytics.app.inject(`/analytics/${path}`);
      expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '1']);
    }
    await appendMixed(analytics.store, randomHistories(7, 40), 7);
    await proxy.up();
    await analytics.caughtUp();
    await expectSameAsRecount(analytics.store, analytics.ask);
  });
});
