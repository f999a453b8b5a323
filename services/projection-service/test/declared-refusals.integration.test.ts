import { usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareReadModels } from '../src/consumers.ts';
import { declarationOf } from '../src/declared/declaration.ts';
import { body, pay } from './declared.ts';
import { type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
let service: RunningService;

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  service = await runProjectionService({ redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema });
});
afterAll(() => service.stop());

const declare = (what: object) => service.send('POST', '/api/projections', what);

describe('what cannot be declared', () => {
  it('an event type that nobody has registered is 422, with those that are', async () => {
    const refused = await declare(body('wrong', { eventTypes: ['OrderPlaced', 'OrderPlcaed'] }));
    expect(refused).toMatchObject({
      status: 422,
      body: { known: expect.arrayContaining(['OrderPlaced', 'MoneyDeposited', 'UserCreated']) },
    });
    expect(refused.body.detail).toContain('OrderPlcaed');
  });

  it('a field that the events do not have is 422, with those that they have', async () => {
    const refused = await declare(body('wrong', { key: 'method' }));
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'key' }] } });
    expect(JSON.stringify(refused.body)).toContain('paymentMethod');
    expect((await declare(body('wrong', { key: '__proto__' }))).status).toBe(422);
  });

  it.each(['orders', 'audit_log', 'audit', 'daily-summary'])('%s is taken: 409', async (id) => {
    expect(await declare(body(id))).toMatchObject({
      status: 409,
      body: { type: '/problems/projection-built-in' },
    });
  });

  it.each([
    { projectionId: 'Über' },
    { projectionId: 'a'.repeat(41) },
    { projectionId: undefined },
    { name: '' },
    { eventTypes: [] },
    { reduce: 'average' },
    { reduce: { sum: 'amount minor' } },
    { key: '' },
    { more: 1 },
  ])('%j is 400', async (wrong) => {
    expect((await declare({ ...body('wrong'), ...wrong })).status).toBe(400);
  });

  it('more than 32 is 409', async () => {
    const declaration = JSON.stringify({ ...body('x'), projectionId: undefined });
    await sql`
      insert into declared_projections (id, declaration)
      select 'filler-' || n, ${declaration}::jsonb from generate_series(1, 32) n`.execute(
      service.database.db,
    );
    expect(await declare(body('one-more'))).toMatchObject({
      status: 409,
      body: { type: '/problems/too-many-declared', limit: 32 },
    });
    await sql`delete from declared_projections where id like 'filler-%'`.execute(service.database.db);
    expect((await service.get('/api/projections/one-more')).status).toBe(404);
  });

  it('an id that a later release has for itself keeps it from starting, and says what to do', async () => {
    const { database } = service;
    await sql`insert into declared_projections (id, declaration)
      values ('users', ${JSON.stringify(declarationOf(body('users')))}::jsonb)`.execute(database.db);
    try {
      await expect(prepareReadModels(database)).rejects.toThrow('DELETE /api/projections/users');
    } finally {
      await sql`delete from declared_projections where id = 'users'`.execute(database.db);
    }
    await prepareReadModels(database);
  });

  it('nothing of it was stored', async () => {
    expect((await service.get('/api/projections/wrong')).status).toBe(404);
    expect((await service.get('/api/queries/wrong')).status).toBe(404);
    expect((await service.get('/api/queries/wr%00ng')).status).toBe(404);
    expect((await service.send('DELETE', '/api/projections/wr%00ng')).status).toBe(404);
  });
});

describe('a projection that another release has declared', () => {
  it('says so, and can be removed', async () => {
    expect((await declare(body('newer'))).status).toBe(201);
    const { database } = service;
    await sql`update declared_projections set declaration = '{"window":"day"}' where id = 'newer'`.execute(
      database.db,
    );
    const answers = [
      await service.get('/api/queries/newer'),
      await service.get('/api/projections/newer'),
      await service.send('POST', '/api/projections/newer/rebuild'),
      await service.send('POST', '/api/projections/newer/pause'),
      await declare(body('newer')),
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 409, body: { type: '/problems/unreadable-declaration' } });
    expect((await service.send('DELETE', '/api/projections/newer')).status).toBe(202);
    expect((await service.get('/api/projections/newer')).status).toBe(404);
    expect((await declare(body('newer'))).status).toBe(201);
  });
});

describe('a projection that goes between list and look', () => {
  it('is left out of where an event is', async () => {
    const { database, store } = service;
    const eventId = await pay(store, 'looked-for', 1);
    const declaration = JSON.stringify(declarationOf(body('going')));
    await sql`
      insert into declared_projections (id, declaration) values ('going', ${declaration}::jsonb)`.execute(
      database.db,
    );
    const { status, body: found } = await service.get(`/api/events/${eventId}/status`);
    expect(status).toBe(200);
    expect(found['projections']).toHaveProperty('orders');
    expect(found['projections']).not.toHaveProperty('going');
    expect((await service.send('POST', '/api/projections/going/pause')).status).toBe(404);
    await sql`delete from declared_projections where id = 'going'`.execute(database.db);
  });
});
