import { column, defineProjection, prepareProjections, setPaused } from '@headrace/projections';
import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReadModels } from '../src/consumers.ts';
import { orders } from '../src/read-models/orders.ts';
import { generatedOrder } from './generated-orders.ts';
import { appendOrder, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
const ORDER = generatedOrder(1);
const QUERY = `/api/queries/orders?orderId=${ORDER.orderId}`;

/** The table of an earlier release, which has other columns. */
const earlier = defineProjection({
  name: 'orders',
  version: orders.projection.version - 1,
  columns: { stream: column.text, order_id: column.text },
  key: 'stream',
  events: [],
});
let service: RunningService;

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  const database = createReadModels({ url: postgresUrl, schema });
  await database.migrate();
  await prepareProjections(database, [earlier]);
  await setPaused(database, 'orders', true);
  await database.close();
  service = await runProjectionService({ redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema });
});
afterAll(() => service.stop());

it('says that it is starting while the active version is of an earlier release, and switches by itself', async () => {
  await appendOrder(service.store, ORDER);
  expect(await service.get(QUERY)).toMatchObject({ status: 503, body: { type: '/problems/starting' } });
  expect((await service.get(`${QUERY}&source=event_store`)).status).toBe(200);
  await service.send('POST', '/api/projections/orders/resume');
  await eventually(async () => expect((await service.get(QUERY)).status).toBe(200));
  expect((await service.get('/api/projections/orders')).body).toMatchObject({
    version: orders.projection.version,
    previousVersion: earlier.version,
  });
});
