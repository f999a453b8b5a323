import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectionStatus } from '../src/progress/projection-status.ts';
import { projections } from '../src/projections/built-in.ts';
import { expectFoldsOfTheLog, expectOrdersOfTheLog } from './fold-of-the-log.ts';
import { generatedOrder } from './generated-orders.ts';
import { rememberPostgres, rememberRedis } from './lost-data.ts';
import { appendMany, startTraffic } from './order-traffic.ts';
import { appendOrder, caughtUp, type RunningService, runProjectionService } from './running-service.ts';

describe('read models', () => {
  // each test has its own log
  const redis = useRedis();
  const postgres = usePostgres({ isolation: 'database' });
  let service: RunningService;
  let tests = 0;
  let prefix = '';
  let schema = '';

  beforeEach(async () => {
    tests += 1;
    [prefix, schema] = [`${redis.prefix}-${tests}`, `read_models_${tests}`];
    const options = { redisUrl: redis.url, prefix, postgresUrl: postgres.url, schema, pollMs: 100 };
    service = await runProjectionService(options);
    await appendMany(service, 300, 1);
    await caughtUp(service);
  });
  afterEach(() => service.stop());

  async function all(): Promise<readonly ProjectionStatus[]> {
    return (await service.get<{ data: readonly ProjectionStatus[] }>('/api/projections')).body.data;
  }

  const resync = (group: string, how: string) =>
    service.send('POST', `/consumer/resync?group=${group}&how=${how}&reason=fail-over`);

  it('catch up by themselves when PostgreSQL was restored to an older backup, though nothing new arrives', async () => {
    const restore = await rememberPostgres(service, schema);
    await appendMany(service, 300, 1_000);
    await caughtUp(service);
    await restore();
    expect((await all()).every(({ lag }) => (lag ?? 0) > 0)).toBe(true);
    await eventually(() => expectFoldsOfTheLog(service), { timeoutMs: 25_000, intervalMs: 500 });
    const traffic = startTraffic([service], 5_000);
    await eventually(() => traffic.seen() > 3);
    await traffic.end();
    await caughtUp(service);
    await expectFoldsOfTheLog(service);
  }, 60_000);

  it('stop as diverged when Redis has lost its tail, and a resync makes them what the log says', async () => {
    expect(await resync('projection:orders:v2', 'rebuild')).toMatchObject({
      status: 409,
      body: { type: '/problems/not-diverged' },
    });
    const loseTail = await rememberRedis(service, prefix);
    const lost = generatedOrder(1_000, 3);
    await appendOrder(service.store, lost);
    await appendMany(service, 100, 1_001);
    await caughtUp(service);
    await loseTail();

    // life goes on before anybody looks: some of the lost orders happen again, differently
    for (let seed = 2_000; seed < 2_010; seed += 1) await appendOrder(service.store, generatedOrder(seed, 5));
    await appendOrder(service.store, { ...lost, events: lost.events.slice(0, 1) });
    await eventually(
      async () => {
        for (const { id, status, versions } of await all()) {
          expect({ id, status }).toEqual({ id, status: 'error' });
          expect(versions[0]?.divergedPartitions).toEqual([0, 1, 2, 3]);
        }
      },
      { timeoutMs: 20_000 },
    );
    const { body } = await service.get<{ groups: { partitions: { state: string; reason?: string }[] }[] }>(
      '/consumer',
    );
    const [partition] = body.groups[0]?.partitions ?? [];
    expect(partition).toMatchObject({ state: 'diverged', reason: expect.stringContaining('tail was lost') });

    const accept = await resync('projection:orders:v2', 'accept');
    expect(accept).toMatchObject({ status: 409, body: { type: '/problems/resync-not-possible' } });
    for (const { name, version } of projections) {
      expect(await resync(`projection:${name}:v${version}`, 'rebuild')).toMatchObject({
        status: 202,
        body: { partitions: [0, 1, 2, 3] },
      });
    }
    const again = await resync('projection:orders:v2', 'rebuild');
    expect(again).toMatchObject({ status: 409, body: { type: '/problems/build-in-progress', version: 3 } });
    await eventually(
      async () => {
        for (const [index, { id, version, status }] of (await all()).entries())
          expect({ id, version, status }).toEqual({
            id,
            version: (projections[index]?.version ?? 0) + 1,
            status: 'active',
          });
      },
      { timeoutMs: 20_000 },
    );
    await caughtUp(service);
    await expectFoldsOfTheLog(service);
    const order = await service.get<{ data: { version: number } }>(
      `/api/queries/orders?orderId=${lost.orderId}`,
    );
    expect(order.body.data.version).toBe(1);

    const back = await service.send('POST', '/api/projections/orders/rollback');
    expect(back).toMatchObject({ status: 409, body: { reason: 'diverged' } });
    expect((await service.send('DELETE', '/api/projections/orders/versions/2')).status).toBe(202);
  }, 90_000);

  it('are rebuilt also from a log that ends before what they had handled', async () => {
    const loseTail = await rememberRedis(service, prefix);
    await appendMany(service, 50, 1_000);
    await caughtUp(service);
    await loseTail();
    await eventually(async () => expect((await all())[0]?.status).toBe('error'), { timeoutMs: 20_000 });
    expect((await service.send('POST', '/api/projections/orders/rebuild')).status).toBe(202);
    await eventually(async () => expect((await all())[0]).toMatchObject({ version: 3, status: 'active' }), {
      timeoutMs: 20_000,
    });
    await expectOrdersOfTheLog(service, 'orders_v3');
  }, 60_000);
});
