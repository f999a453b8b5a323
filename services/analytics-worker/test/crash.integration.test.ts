import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, expect, it } from 'vitest';
import { appendMixed, randomHistories } from './order-histories.ts';
import { openStore } from './running-analytics.ts';
import { expectSameAsRecount } from './same-as-recount.ts';
import { killAll, type ServiceProcess, startService } from './service-process.ts';

const PARTITIONS = 4;
const redis = useRedis();
const postgres = usePostgres();
const settings = {
  ...{ REDIS_URL: redis.url, KEY_PREFIX: redis.prefix, LOG_PARTITIONS: String(PARTITIONS) },
  ...{ DATABASE_URL: postgres.url, DATABASE_SCHEMA: postgres.schema },
};

afterEach(killAll);

async function placedSoFar({ ask }: ServiceProcess): Promise<number> {
  const { counts } = await ask('/analytics/summary');
  return (counts as { placed: number }).placed;
}

async function caughtUp({ ask }: ServiceProcess): Promise<void> {
  await eventually(
    async () => {
      const { groups } = (await ask('/consumer')) as {
        groups: { partitions: { state: string; lagEvents: number }[] }[];
      };
      const partitions = groups.flatMap((group) => group.partitions);
      expect(partitions).toHaveLength(PARTITIONS);
      expect(partitions.filter(({ state, lagEvents }) => state !== 'idle' || lagEvents !== 0)).toEqual([]);
    },
    // after a death, a batch of every partition is handled event by event
    { what: 'handling the whole log', timeoutMs: 90_000 },
  );
}

it('counts each event once, however often it is killed under load', { timeout: 480_000 }, async () => {
  const store = await openStore(redis, PARTITIONS);
  try {
    for (const round of [1, 2, 3]) {
      const service = await startService(settings);
      await caughtUp(service);
      const before = await placedSoFar(service);
      let isKilled = false;
      const load = (async () => {
        for (let part = 0; !isKilled; part += 1)
          await appendMixed(store, randomHistories(1_000 * round + part, 100), part);
      })();
      // told below; until then it must not count as unhandled
      load.catch(() => undefined);
      await eventually(async () => (await placedSoFar(service)) > before, {
        what: `new numbers in round ${round}`,
        intervalMs: 1,
      });
      await service.end('SIGKILL');
      isKilled = true;
      await load;
    }
    const service = await startService(settings);
    await caughtUp(service);
    await expectSameAsRecount(store, service.ask);
    expect(await service.end('SIGTERM'), service.output()).toEqual([0, null]);
  } finally {
    await store.close();
  }
});

it('answers before Redis is there, and stops in order', async () => {
  const service = await startService({ ...settings, REDIS_URL: 'redis://127.0.0.1:1' });
  await eventually(() => expect(service.output()).toContain('Redis cannot be reached yet'));
  await service.ask('/analytics/summary');
  expect(await service.end('SIGTERM'), service.output()).toEqual([0, null]);
});
