import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectFoldedEverywhere } from './support/comparison.ts';
import { eventually } from './support/eventually.ts';
import { send } from './support/http.ts';
import { isSuccess, type Load, moreSuccesses, startLoad, type WriteAnswer } from './support/load.ts';
import { expectPromisesKept } from './support/promises.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

/** A refusal comes after about 3 s at most, since a connection is waited for; twice that for a busy machine. */
const longestRefusalMs = 6_000;

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
});

afterAll(async () => {
  await system?.close();
});

/** What is answered from PostgreSQL alone. */
function readModelUrls(): readonly string[] {
  return [
    `${system.url('projection-service')}/api/queries/orders?userId=user-1`,
    `${system.url('billing-worker')}/ledger/trial-balance`,
    `${system.url('analytics-worker')}/analytics/summary`,
    `${system.url('email-worker')}/emails?limit=10`,
  ];
}

/** Lets time pass; gives what writers were answered meanwhile, and each different answer that read models gave. */
async function duringOutage(
  load: Load,
  outageMs: number,
): Promise<{ readonly writes: readonly WriteAnswer[]; readonly reads: readonly string[] }> {
  const downAt = Date.now();
  const reads = new Set<string>();
  while (Date.now() < downAt + outageMs) {
    for (const url of readModelUrls()) {
      reads.add(`${(await send('GET', url)).status} ${new URL(url).pathname}`);
    }
    await sleep(500);
  }
  return { writes: load.answers.filter(({ startedAt }) => startedAt >= downAt), reads: [...reads] };
}

describe('Redis is gone for ten seconds under load', () => {
  let load: Load;

  afterAll(async () => {
    await load?.stop();
  });

  it('refuses writes with 503 and Retry-After meanwhile, and still answers from read models', async () => {
    load = startLoad(system.url('order-api'), { longestMs: 90_000 });
    await moreSuccesses(load, 60);
    await system.redis.stop();
    const { writes, reads } = await duringOutage(load, 10_000);
    await system.redis.restart();

    expect(writes.length).toBeGreaterThan(6);
    expect(Math.max(...writes.map(({ tookMs }) => tookMs))).toBeLessThan(longestRefusalMs);
    for (const { status, retryAfter, body } of writes) {
      expect({ status, retryAfter }, JSON.stringify(body)).toEqual({
        status: 503,
        retryAfter: expect.stringMatching(/^\d+$/),
      });
    }
    expect(reads).toEqual(readModelUrls().map((url) => `200 ${new URL(url).pathname}`));
  });

  it('goes on by itself: every success is in the log, and every group ends at the fold of the log', async () => {
    await moreSuccesses(load, 60);
    await load.stop();
    await expectPromisesKept(load, system.redis.url);
    await eventually('All groups at the fold of the log', () => expectFoldedEverywhere(system.urls), 60_000);
  });
});

describe('PostgreSQL is gone for five seconds under load', () => {
  let load: Load;

  afterAll(async () => {
    await load?.stop();
  });

  it('takes every write all the same, and refuses what it would need PostgreSQL for with 503', async () => {
    load = startLoad(system.url('order-api'), { longestMs: 90_000 });
    await moreSuccesses(load, 60);
    await system.postgres.stop();
    const { writes, reads } = await duringOutage(load, 5_000);
    await system.postgres.restart();

    expect(writes.length).toBeGreaterThan(40);
    expect(writes.filter((write) => !isSuccess(write))).toEqual([]);
    expect(reads).toEqual(readModelUrls().map((url) => `503 ${new URL(url).pathname}`));
  });

  it('catches up by itself', async () => {
    await moreSuccesses(load, 60);
    await load.stop();
    await expectPromisesKept(load, system.redis.url);
    await eventually('All groups at the fold of the log', () => expectFoldedEverywhere(system.urls), 60_000);
  });
});
