import { eventually, usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldAt } from '../src/declared/field-path.ts';
import type { ProjectionStatus } from '../src/progress/projection-status.ts';
import { body, pay, type Row, rowsOfTheLog } from './declared.ts';
import { appendMany } from './order-traffic.ts';
import { type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
let one: RunningService;
let two: RunningService;

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  const options = { redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema, pollMs: 100 };
  one = await runProjectionService({ ...options, instance: 'one' });
  two = await runProjectionService({ ...options, instance: 'two' });
  await appendMany(one, 400, 1);
});
afterAll(() => Promise.all([one.stop(), two.stop()]));

const EXAMPLE = 'paths./api/projections.post.requestBody.content.application/json.example';

interface Page {
  readonly data: readonly Row[];
  readonly nextCursor: string | null;
}

const declare = (service: RunningService, what: object, headers?: Readonly<Record<string, string>>) =>
  service.send<ProjectionStatus & { detail: string }>('POST', '/api/projections', what, headers);

async function statusOf(id: string): Promise<ProjectionStatus> {
  return (await two.get<ProjectionStatus>(`/api/projections/${id}`)).body;
}

/** All rows, in pages of two; as the other instance answers. */
async function allRows(id: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let cursor = ''; ; ) {
    const page = await two.get<Page>(`/api/queries/${id}?limit=2${cursor}`);
    expect(page.status, JSON.stringify(page.body)).toBe(200);
    rows.push(...page.body.data);
    if (page.body.nextCursor === null) return rows;
    cursor = `&cursor=${page.body.nextCursor}`;
  }
}

async function caughtUp(id: string): Promise<void> {
  await eventually(async () => expect((await statusOf(id)).lag).toBe(0));
}

describe('a projection declared over HTTP', () => {
  it('is filled from the beginning of the log, by whichever instance', async () => {
    const made = await declare(one, body('revenue'), { 'x-actor': 'ann' });
    expect(made).toMatchObject({
      status: 201,
      headers: { location: '/api/projections/revenue' },
      body: {
        id: 'revenue',
        name: 'Revenue by currency',
        version: 1,
        eventTypes: ['PaymentReceived'],
        group: 'projection:revenue:v1',
        declaration: { key: 'amount.currency', reduce: { sum: 'amount.minor' }, actor: 'ann' },
      },
    });
    await caughtUp('revenue');
    const expected = await rowsOfTheLog(one.store, body('revenue'));
    expect(expected.length).toBeGreaterThan(2);
    expect(await allRows('revenue')).toEqual(expected);
    // both instances have partitions of it
    for (const service of [one, two])
      await eventually(async () => {
        const { body: state } = await service.get<{ groups: { group: string; partitions: unknown[] }[] }>(
          '/consumer',
        );
        const group = state.groups.find(({ group: name }) => name === 'projection:revenue:v1');
        expect(group?.partitions).toHaveLength(2);
      });
    const { body: list } = await two.get<{ data: ProjectionStatus[] }>('/api/projections');
    expect(list.data.map(({ id }) => id)).toContain('revenue');
  });

  it('reads your own write, by key', async () => {
    const before = (await allRows('revenue')).find(({ key }) => key === 'EUR');
    const eventId = await pay(one.store, 'own-write', 1_234);
    const after = await two.get<{ data: Row }>(
      `/api/queries/revenue?key=EUR&wait_for=${eventId}&timeout_ms=20000`,
    );
    expect(after).toMatchObject({ status: 200, body: { data: { key: 'EUR' } } });
    expect(after.body.data.value).toBe(Number(before?.value) + 1_234);
    expect(after.body.data.events).toBe((before?.events ?? 0) + 1);
    await eventually(async () => {
      const { body: status } = await two.get<{ projections: Record<string, string> }>(
        `/api/events/${eventId}/status`,
      );
      expect(status.projections).toMatchObject({ orders: 'materialized', revenue: 'materialized' });
    });
    expect((await two.get('/api/queries/revenue?key=XXX')).status).toBe(404);
    expect((await two.get('/api/queries/revenue?source=event_store')).status).toBe(400);
    const { nextCursor } = (await two.get<Page>('/api/queries/revenue?limit=1')).body;
    expect((await two.get(`/api/queries/revenue?cursor=${nextCursor}`)).status).toBe(200);
    expect((await two.get(`/api/queries/revenue?key=EUR&cursor=${nextCursor}`)).status).toBe(400);
  });

  it.each([
    body('orders-of-users', { eventTypes: ['OrderPlaced'], key: 'userId', reduce: 'count' }),
    body('last-known', { eventTypes: ['OrderPlaced', 'PaymentReceived'], key: 'stream', reduce: 'merge' }),
    body('of_users', { eventTypes: ['OrderPlaced', 'PaymentReceived'], key: 'userId', reduce: 'merge' }),
    body('refunds', { eventTypes: ['OrderRefunded'], key: 'userId', reduce: 'sum(amount.minor)' }),
  ])('$projectionId holds what the log makes', async (what) => {
    expect((await declare(two, what)).status).toBe(201);
    await caughtUp(what.projectionId);
    expect(await allRows(what.projectionId)).toEqual(await rowsOfTheLog(one.store, what));
  });

  it('has pages of fifty rows at most that are merged', async () => {
    const { data, nextCursor } = (await two.get<Page>('/api/queries/last-known?limit=200')).body;
    expect(data).toHaveLength(50);
    expect(data).toEqual((await allRows('last-known')).slice(0, 50));
    expect(nextCursor).not.toBe(null);
  });

  it('tells of events that it cannot use', async () => {
    const what = body('by-mail', { eventTypes: ['OrderPlaced'], key: 'email', reduce: 'count' });
    await declare(one, what);
    await caughtUp('by-mail');
    const { declaration, parkedEvents } = await statusOf('by-mail');
    const rows = await allRows('by-mail');
    const { rows: placed } = await sql<{ count: number }>`
      select count(*) as count from audit_log_v1 where type = 'OrderPlaced'`.execute(one.database.db);
    expect(declaration?.skipped.noKey).toBeGreaterThan(0);
    const counted = rows.reduce((sum, { value }) => sum + Number(value), 0);
    expect((declaration?.skipped.noKey ?? 0) + counted).toBe(placed[0]?.count);
    expect(declaration?.skipped.lastPosition).toMatch(/^\d-\d+-\d+$/);
    expect(parkedEvents).toBe(0);
  });

  it('is rebuilt, rolled back, paused and resumed like any other', async () => {
    const rows = await allRows('revenue');
    const rebuilt = await two.send('POST', '/api/projections/revenue/rebuild');
    expect(rebuilt).toMatchObject({ status: 202, body: { version: 2 } });
    await eventually(async () => expect(await statusOf('revenue')).toMatchObject({ version: 2 }));
    expect((await statusOf('revenue')).versions[1]?.comparison).toMatchObject({ different: 0 });
    expect(await allRows('revenue')).toEqual(rows);
    expect((await one.send('POST', '/api/projections/revenue/rollback')).status).toBe(200);
    expect((await one.send('POST', '/api/projections/revenue/pause')).status).toBe(202);
    await Promise.all([one.refresh(), two.refresh()]);
    const eventId = await pay(one.store, 'while-paused', 1);
    const waiting = `/api/queries/revenue?wait_for=${eventId}`;
    expect((await statusOf('revenue')).status).toBe('paused');
    expect((await one.get(`${waiting}&timeout_ms=100`)).status).toBe(504);
    expect((await two.send('POST', '/api/projections/revenue/resume')).status).toBe(202);
    expect((await one.get(`${waiting}&timeout_ms=20000`)).status).toBe(200);
    expect((await one.send('DELETE', '/api/projections/revenue/versions/2')).status).toBe(202);
  });
});

describe('declaring again', () => {
  it('changes nothing when it is the same', async () => {
    const again = body('revenue', {
      eventTypes: ['PaymentReceived', 'PaymentReceived'],
      reduce: 'sum(amount.minor)',
      name: 'Takings',
    });
    const repeated = await Promise.all([one, two, one].map((service) => declare(service, again)));
    for (const { status, body: shown } of repeated) {
      expect(status).toBe(200);
      expect(shown.declaration?.actor).toBe('ann');
      expect(shown.name).toBe('Revenue by currency');
    }
  });

  it('changes nothing either with the documented example, which is the same', async () => {
    const { body: documents } = await one.get<object>('/docs/json');
    const example = fieldAt(documents, EXAMPLE);
    if (typeof example !== 'object' || example === null) throw new Error('there is no example');
    expect((await declare(one, example)).status).toBe(200);
  });

  it('is refused with what is there when it is another', async () => {
    const refused = await declare(two, body('revenue', { key: 'userId' }));
    expect(refused).toMatchObject({
      status: 409,
      body: {
        type: '/problems/projection-exists',
        declared: { key: 'amount.currency', reduce: { sum: 'amount.minor' } },
      },
    });
    expect(refused.body.detail).toContain('DELETE /api/projections/revenue');
  });

  it('at once on several instances makes one', async () => {
    const what = body('at-once');
    const answers = await Promise.all([one, two, one, two].map((service) => declare(service, what)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
  });
});

describe('removing', () => {
  it('takes queries, table and consumer group away, and frees the id for another definition', async () => {
    const eventId = await pay(one.store, 'before-removal', 5);
    expect(await one.send('DELETE', '/api/projections/at-once')).toMatchObject({
      status: 202,
      body: { id: 'at-once', state: 'retiring' },
    });
    for (const [method, path] of [
      ['GET', '/api/queries/at-once'],
      ['GET', '/api/projections/at-once'],
      ['POST', '/api/projections/at-once/rebuild'],
      ['DELETE', '/api/projections/at-once'],
    ] as const) {
      const { status } = method === 'GET' ? await two.get(path) : await two.send(method, path);
      expect(status, path).toBe(404);
    }
    const other = body('at-once', { key: 'userId', reduce: 'count' });
    expect(await declare(two, other)).toMatchObject({ status: 201, body: { version: 2 } });
    const query = `/api/queries/at-once?key=ann&wait_for=${eventId}&timeout_ms=20000`;
    expect(await one.get(query)).toMatchObject({ status: 200, body: { data: { key: 'ann' } } });
    await caughtUp('at-once');
    expect(await allRows('at-once')).toEqual(await rowsOfTheLog(one.store, other));
    await eventually(async () => {
      const { rows } = await sql`
        select to_regclass('"at-once_v1"') as there, (select count(*) from consumer_checkpoints
          where group_name = 'projection:at-once:v1') as checkpoints`.execute(one.database.db);
      expect(rows).toEqual([{ there: null, checkpoints: 0 }]);
      const groups = (await one.store.redis.xinfo('GROUPS', one.store.keys.log(0))) as unknown[][];
      expect(groups.map((group) => group[1])).not.toContain('projection:at-once:v1');
    });
  });

  it('ends the waiting for an event that it will never have', async () => {
    await declare(one, body('short-lived'));
    await one.send('POST', '/api/projections/short-lived/pause');
    await Promise.all([one.refresh(), two.refresh()]);
    const query = `/api/queries/short-lived?wait_for=${await pay(one.store, 'unseen', 1)}`;
    const waiting = two.get(`${query}&timeout_ms=20000`);
    expect((await two.get(`${query}&timeout_ms=100`)).status).toBe(504);
    expect((await one.send('DELETE', '/api/projections/short-lived')).status).toBe(202);
    const ended = await waiting;
    expect(ended).toMatchObject({ status: 404, body: { known: expect.arrayContaining(['revenue']) } });
  });

  it('twice at once is found by one', async () => {
    await declare(one, body('short-lived'));
    const remove = (service: RunningService) => service.send('DELETE', '/api/projections/short-lived');
    const answers = await Promise.all([remove(one), remove(two), remove(one)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 404, 404]);
  });

  it('is not for the projections of the code', async () => {
    expect(await one.send('DELETE', '/api/projections/orders')).toMatchObject({
      status: 409,
      body: { type: '/problems/projection-built-in' },
    });
  });
});
