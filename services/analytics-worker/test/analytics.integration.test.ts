import { usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { appendMixed, randomHistories } from './order-histories.ts';
import { type RunningAnalytics, runAnalytics } from './running-analytics.ts';
import { expectSameAsRecount } from './same-as-recount.ts';

describe.each([1, 2, 3, 4])('random histories, seed %i', (seed) => {
  const redis = useRedis();
  const postgres = usePostgres();
  let analytics: RunningAnalytics | undefined;
  afterEach(() => analytics?.stop());

  it('gives the numbers of a recount, whatever the batches and the number of instances', async () => {
    const histories = randomHistories(seed, 120);
    analytics = await runAnalytics(redis, postgres, {
      instances: 1 + (seed % 2),
      policy: { batchSize: [500, 1, 7, 30][seed - 1] ?? 500 },
    });
    await appendMixed(analytics.store, histories, seed);
    await analytics.caughtUp();
    await expectSameAsRecount(analytics.store, analytics.ask);
    expect(await analytics.app.inject('/dead-letters').then((answer) => answer.json())).toEqual({
      deadLetters: [],
      nextCursor: null,
      // one for each instance, which are all in this process
      totals: Array(1 + (seed % 2)).fill({ group: 'analytics', streams: 0, events: 0, openRequests: 0 }),
    });
  });
});
