import { type OwnServer, startOwnPostgres, startOwnRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bug, WorkerOptions } from './fixtures/worker-options.ts';
import { violationsOf } from './support/planted-world.ts';

let redis: OwnServer;
let postgres: OwnServer;
beforeAll(async () => {
  [redis, postgres] = await Promise.all([startOwnRedis(), startOwnPostgres()]);
});
afterAll(async () => {
  await Promise.all([redis.close(), postgres.close()]);
});

function violations(
  world: string,
  mode: WorkerOptions['mode'],
  bug: Bug | 'none',
  faults = 2,
): Promise<readonly string[]> {
  const servers = { redisUrl: redis.url, databaseUrl: postgres.url };
  return violationsOf({ ...servers, world, mode, bug, faults, seed: 7 });
}

// One group after the other: too many processes at once would be too slow to be hit in the right moment.
describe('under kills and stops, the checker has nothing to say', () => {
  it.concurrent('of a transactional worker without a bug', async () => {
    expect(await violations('planted_sound', 'transactional', 'none')).toEqual([]);
  });

  it.concurrent('of an acknowledged worker without a bug', async () => {
    expect(await violations('planted_sound_mail', 'acknowledged', 'none')).toEqual([]);
  });
});

describe('under kills and stops, the checker catches a worker', () => {
  it.concurrent('that acknowledges before the effect', async () => {
    const found = await violations('planted_early', 'acknowledged', 'acknowledges before the effect');
    expect(found.join()).toContain('never handled');
  });

  it.concurrent('without a fence', async () => {
    const found = await violations('planted_unfenced', 'transactional', 'has no fence');
    expect(found.join()).toMatch(/handled \S+ 2 times/);
  });

  it.concurrent('that moves the checkpoint outside the transaction', async () => {
    const bug = 'moves the checkpoint outside the transaction';
    expect((await violations('planted_outside', 'transactional', bug)).join()).toMatch(/handled \S+ 2 times/);
  });
});

describe('under kills and stops, the checker also catches a worker', () => {
  it.concurrent('that retries out of order', async () => {
    const found = await violations('planted_disorder', 'transactional', 'retries out of order', 1);
    expect(found.join()).toMatch(/handled version \d+ of \S+ after version \d+/);
  });

  it.concurrent('that takes its cursor from the Redis group', async () => {
    const bug = 'takes its cursor from the Redis group';
    expect((await violations('planted_cursor', 'transactional', bug)).join()).toMatch(/handled \S+ 2 times/);
  });
});
