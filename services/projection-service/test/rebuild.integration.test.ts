import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProjectionStatus } from '../src/progress/projection-status.ts';
import type { VersionProgress } from '../src/progress/version-status.ts';
import { expectFoldsOfTheLog, expectOrdersOfTheLog } from './fold-of-the-log.ts';
import { appendMany, startTraffic } from './order-traffic.ts';
import { PATIENCE_MS, REBUILD_EVENTS } from './rebuild-size.ts';
import { watchQueries } from './rebuild-watch.ts';
import { caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const FIRST_GROUP = 'projection:orders:v2';

const redis = useRedis();
const postgres = usePostgres();
let one: RunningService;
let two: RunningService;

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  const options = { redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema, pollMs: 50 };
  one = await runProjectionService({ ...options, instance: 'one' });
  two = await runProjectionService({ ...options, instance: 'two' });
});
afterAll(() => Promise.all([one.stop(), two.stop()]));

async function orders(service: RunningService): Promise<ProjectionStatus> {
  return (await service.get<ProjectionStatus>('/api/projections/orders')).body;
}

/** Until version 3 is active; what the other instance told of its progress meanwhile. */
async function progressUntilActive(): Promise<readonly VersionProgress[]> {
  const told: VersionProgress[] = [];
  await eventually(
    async () => {
      const { version, versions } = await orders(two);
      const build = versions.find(({ state }) => state === 'building');
      if (build !== undefined) told.push(build.progress);
      expect(version).toBe(3);
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 5 },
  );
  return told;
}

async function groupsOfTheLog(): Promise<readonly string[]> {
  const names: string[] = [];
  for (let partition = 0; partition < 4; partition += 1) {
    const groups = (await one.store.redis.xinfo('GROUPS', one.store.keys.log(partition))) as unknown[][];
    names.push(...groups.map((group) => String(group[1])));
  }
  return names;
}

describe('a rebuild while orders keep arriving', () => {
  it(
    'answers from the old table throughout, loses nothing in the switch, and can be rolled back',
    async ({ annotate }) => {
      const [known] = await appendMany(one, REBUILD_EVENTS, 1_000_000);
      await eventually(() => caughtUp(one), { timeoutMs: PATIENCE_MS });
      const traffic = startTraffic([one, two], 1);
      await eventually(() => traffic.seen() > 3);
      const queries = watchQueries([one, two], `/api/queries/orders?orderId=${known?.orderId}`);

      const begunAt = performance.now();
      const begun = await one.send('POST', '/api/projections/orders/rebuild');
      expect(begun).toMatchObject({ status: 202, body: { id: 'orders', version: 3, switch: 'auto' } });
      expect(begun.headers['location']).toBe('/api/projections/orders');
      const seenBefore = traffic.seen();
      const told = await progressUntilActive();
      const tookS = (performance.now() - begunAt) / 1_000;
      const seenMeanwhile = traffic.seen() - seenBefore;
      expect(traffic.seen()).toBeGreaterThan(seenBefore);
      const onItsWay = told.filter(({ eventsPerSecond }) => (eventsPerSecond ?? 0) > 0);
      expect(onItsWay.length).toBeGreaterThan(0);
      expect(onItsWay.some(({ eventsToGo, secondsLeft }) => eventsToGo !== 0 && secondsLeft !== null)).toBe(
        true,
      );
      const handled = told.map(({ handledEvents }) => handledEvents);
      expect(handled).toEqual(handled.toSorted((a, b) => a - b));

      const seenAtSwitch = traffic.seen();
      await eventually(() => traffic.seen() > seenAtSwitch + 5);
      await traffic.end();
      const answered = await queries.end();
      const done = Math.max(...handled);
      await annotate(
        `${done} events rebuilt in ${tookS.toFixed(1)} s, ${Math.round(done / tookS)}/s, while ` +
          `${seenMeanwhile} orders were placed and read back; ${answered}`,
      );
      await caughtUp(one);
      await expectFoldsOfTheLog(one);
      const switched = await orders(one);
      expect(switched).toMatchObject({ status: 'active', version: 3, previousVersion: 2, lag: 0 });
      expect(switched.versions).toMatchObject([
        { version: 2, foldVersion: 2, state: 'standby', lag: 0 },
        { version: 3, foldVersion: 2, state: 'active', comparison: { different: 0, differences: [] } },
      ]);
      expect(switched.versions[1]?.comparison?.compared).toBeGreaterThan(100);

      const more = startTraffic([one, two], 500_000);
      const backAt = performance.now();
      const back = await two.send('POST', '/api/projections/orders/rollback');
      await annotate(`rolled back, comparison included, in ${Math.round(performance.now() - backAt)} ms`);
      expect(back).toMatchObject({
        status: 200,
        body: { from: 3, version: 2, comparison: { different: 0 } },
      });
      const seenAtRollback = more.seen();
      await eventually(() => more.seen() > seenAtRollback + 5);
      await more.end();
      await caughtUp(one);
      expect(await orders(one)).toMatchObject({ status: 'active', version: 2, previousVersion: 3 });
      await expectFoldsOfTheLog(one);
      await eventually(() => expectOrdersOfTheLog(one, 'orders_v3'), { timeoutMs: PATIENCE_MS });
    },
    150_000 + 5 * PATIENCE_MS,
  );

  it('goes forth again, and what is not needed any more is removed everywhere', async () => {
    const forth = await one.send('POST', '/api/projections/orders/switch?version=3');
    expect(forth).toMatchObject({ status: 200, body: { from: 2, version: 3 } });
    const active = await one.send('DELETE', '/api/projections/orders/versions/3');
    expect(active).toMatchObject({ status: 409, body: { type: '/problems/version-active' } });
    expect(await groupsOfTheLog()).toContain(FIRST_GROUP);

    const gone = await one.send('DELETE', '/api/projections/orders/versions/2');
    expect(gone).toMatchObject({ status: 202, body: { id: 'orders', version: 2, state: 'retiring' } });
    await eventually(async () => {
      const { versions, previousVersion } = await orders(two);
      expect(versions.map(({ version }) => version)).toEqual([3]);
      expect(previousVersion).toBe(null);
      for (const service of [one, two]) {
        const { body } = await service.get<{ groups: readonly { group: string }[] }>('/consumer');
        expect(body.groups.map(({ group }) => group)).not.toContain(FIRST_GROUP);
      }
    });
    expect(await groupsOfTheLog()).not.toContain(FIRST_GROUP);
    const { rows } = await sql`
      select to_regclass('orders_v2') as there,
        (select count(*) from consumer_checkpoints where group_name = ${FIRST_GROUP}) as checkpoints`.execute(
      one.database.db,
    );
    expect(rows).toEqual([{ there: null, checkpoints: 0 }]);
    const traffic = startTraffic([one, two], 600_000);
    await eventually(() => traffic.seen() > 5);
    await traffic.end();
    const back = await one.send('POST', '/api/projections/orders/rollback');
    expect(back).toMatchObject({ status: 409, body: { reason: 'no-previous-version' } });
    expect((await one.send('DELETE', '/api/projections/orders/versions/2')).status).toBe(404);
  });
});
