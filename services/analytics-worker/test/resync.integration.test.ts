import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, expect, it } from 'vitest';
import { appendMixed, randomHistories } from './order-histories.ts';
import { type RunningAnalytics, runAnalytics } from './running-analytics.ts';
import { expectSameAsRecount } from './same-as-recount.ts';

const redis = useRedis();
const postgres = usePostgres();
let analytics: RunningAnalytics | undefined;
afterEach(() => analytics?.stop());

it('counts anew on request after the log has lost its tail', async () => {
  analytics = await runAnalytics(redis, postgres, {});
  const { store, app, ask } = analytics;
  await appendMixed(store, randomHistories(11, 30), 11);
  const logs = Array.from({ length: store.partitions }, (_, partition) => store.keys.log(partition));
  const before = await Promise.all(logs.map((key) => store.redis.dumpBuffer(key)));
  await appendMixed(store, randomHistories(12, 30), 12);
  await analytics.caughtUp();
  await Promise.all(logs.map((key, i) => store.redis.restore(key, 0, before[i] ?? '', 'REPLACE')));
  const states = async (): Promise<string[]> => {
    const { groups } = (await app.inject('/consumer')).json<{
      groups: { partitions: { state: string }[] }[];
    }>();
    return groups.flatMap(({ partitions }) => partitions.map(({ state }) => state));
  };
  await eventually(async () => expect(await states()).toContain('diverged'), { timeoutMs: 20_000 });
  const answer = await app.inject({
    method: 'POST',
    url: '/consumer/resync?group=analytics&how=rebuild&reason=restored%20from%20backup',
  });
  expect(answer.statusCode).toBe(202);
  await eventually(() => expectSameAsRecount(store, ask), { timeoutMs: 30_000 });
});
