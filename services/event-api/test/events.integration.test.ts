import { createRegistry } from '@headrace/event-schema';
import { shopContracts, shopRules } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const opened = (accountId: string) => ({
  eventType: 'AccountOpened',
  eventData: { accountId, owner: 'Ada', currency: 'USD', openedAt: '2024-01-02T09:00:00.000Z' },
});

describe('appending events', () => {
  const { api } = useEventApi();

  it('stores an event of any type, as it is', async () => {
    const eventData = { celsius: 21.5, deep: { amount: { minor: 1, currency: 'USD' } } };
    const { status, headers, json } = await api().post(
      '/api/events',
      {
        streamId: 'sensor:1',
        eventType: 'Measured',
        eventData,
        metadata: { correlationId: 'round-1', actor: 'robot', tenant: 'acme' },
      },
      { 'x-actor': 'somebody', 'x-correlation-id': 'other' },
    );
    expect([status, headers['etag'], json.success]).toEqual([201, '"1"', true]);
    const { eventId } = json.data;
    expect(json.data).toEqual({
      eventId,
      position: eventId,
      streamId: 'sensor:1',
      version: 1,
      eventType: 'Measured',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const [event] = (await api().get('/api/events/sensor:1')).data.events;
    expect(event).toMatchObject({
      ...json.data,
      category: 'sensor',
      eventData,
      recordedAt: json.data.timestamp,
      metadata: { correlationId: 'round-1', actor: 'robot', tenant: 'acme' },
    });
    for (const hidden of ['fingerprint', 'ip', 'occurredAt'])
      expect(event.metadata).not.toHaveProperty(hidden);
    expect(event).not.toHaveProperty('unreadable');
  });

  it('takes who asks and what belongs together from the headers', async () => {
    await api().post(
      '/api/events',
      { streamId: 'sensor:2', eventType: 'Measured', eventData: {} },
      { 'x-actor': 'ann', 'x-correlation-id': 'c-1' },
    );
    expect((await api().events('sensor:2'))[0]?.meta).toMatchObject({ actor: 'ann', correlationId: 'c-1' });
  });

  it('stores a batch all or none', async () => {
    const events = [
      { eventType: 'A', eventData: { n: 1 }, occurredAt: '2024-01-31T23:00:00+01:00' },
      { eventType: 'B', eventData: { n: 2 }, metadata: { actor: 'ann', note: 'x' } },
    ];
    const { status, data } = await api().post('/api/events', { streamId: 'batch:1', events });
    expect(status).toBe(201);
    expect(data).toMatchObject({
      streamId: 'batch:1',
      version: 2,
      events: [
        { version: 1, eventType: 'A', timestamp: '2024-01-31T22:00:00.000Z' },
        { version: 2, eventType: 'B' },
      ],
    });
    const stored = await api().events('batch:1');
    expect(stored.map(({ id }) => id)).toEqual(
      data.events.map(({ eventId }: { eventId: string }) => eventId),
    );
    expect(stored[0]?.occurredAt).toBe('2024-01-31T22:00:00.000Z');
    expect(stored.map(({ meta }) => [meta.actor, meta['note']])).toEqual([
      ['ann', undefined],
      ['ann', 'x'],
    ]);
    const before = await api().logLength();
    const torn = [...events, { eventType: 'UserCreated', eventData: { userId: 'x' } }];
    const refused = await api().post('/api/events', { streamId: 'batch:1', events: torn });
    expectProblem(refused, { status: 400, type: 'category-mismatch' });
    expect(await api().logLength()).toBe(before);
  });

  it('refuses expectedVersion 0 the second time, with expected and actual', async () => {
    const body = { streamId: 'account:once', ...opened('once'), expectedVersion: 0 };
    expect((await api().post('/api/events', body)).status).toBe(201);
    const members = { expected: 0, actual: 1, stream: 'account:once' };
    const second = await api().post('/api/events', body);
    expectProblem(second, { status: 409, type: 'wrong-expected-version', members });
    const { expectedVersion: _, ...rest } = body;
    const pinned = await api().post('/api/events', rest, { 'if-match': '"7"' });
    const stale = { expected: 7, actual: 1 };
    expectProblem(pinned, { status: 412, type: 'wrong-expected-version', members: stale });
    expect(await api().events('account:once')).toHaveLength(1);
  });

  it.each<[string | number, number, number]>([
    ['no-stream', 201, 409],
    ['exists', 409, 201],
    ['any', 201, 201],
    [0, 201, 409],
    [1, 409, 201],
  ])('takes %s for a condition', async (expectedVersion, fresh, old) => {
    const body = { eventType: 'A', eventData: {}, expectedVersion };
    const stream = `condition:${expectedVersion}`;
    expect((await api().post('/api/events', { ...body, streamId: stream })).status).toBe(fresh);
    await api().post('/api/events', { streamId: `${stream}:old`, eventType: 'A', eventData: {} });
    expect((await api().post('/api/events', { ...body, streamId: `${stream}:old` })).status).toBe(old);
  });

  it('gives a repeat its first answer, and refuses its key for anything else', async () => {
    const body = { streamId: 'keyed:1', eventType: 'A', eventData: { n: 1 } };
    const headers = { 'idempotency-key': 'k-1' };
    const first = await api().post('/api/events', body, headers);
    await api().post('/api/events', { ...body, eventData: { n: 2 } });
    const again = await api().post('/api/events', { ...body, expectedVersion: 0 }, headers);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect([first, again].map((answer) => answer.headers['idempotency-replayed'])).toEqual([
      undefined,
      'true',
    ]);
    const other = await api().post('/api/events', { ...body, eventData: { n: 3 } }, headers);
    expectProblem(other, { status: 422, type: 'idempotency-key-reused' });
    expect(await api().events('keyed:1')).toHaveLength(2);
  });

  it('lets an effect sort after its cause, but only a cause that is there', async () => {
    const { keys, redis, partitions } = api().store;
    const effectOf = async (stream: string, causationId: string) => {
      const event = { eventType: 'B', eventData: {}, metadata: { causationId } };
      expect((await api().post('/api/events', { streamId: stream, ...event })).status).toBe(201);
      const [stored] = await api().events(stream);
      expect(stored?.meta.causationId).toBe(causationId);
      return Date.parse(stored?.recordedAt ?? '');
    };
    // a cause from a partition whose clock ran ahead
    const soon = Date.now() + 30_000;
    const far = (keys.partitionOf('effect:1') + 1) % partitions;
    const fields = [
      'stream',
      'cause:1',
      'version',
      '1',
      'type',
      'A',
      'schema',
      '1',
      'data',
      '{}',
      'meta',
      '{}',
    ];
    await redis.xadd(keys.log(far), `${soon}-0`, ...fields);
    expect(await effectOf('effect:1', `${far}-${soon}-0`)).toBeGreaterThan(soon);
    for (const [stream, causationId] of [
      ['made-up:1', `${far}-${soon}-7`],
      ['foreign:1', 'their-id-7'],
      ['beyond:1', '1-99999999999999999999-0'],
    ] as const) {
      const partition = keys.partitionOf(stream);
      if (partition === far || partition === keys.partitionOf('effect:1'))
        throw new Error('choose another name');
      expect(await effectOf(stream, causationId)).toBeLessThan(soon - 10_000);
    }
  });
});

describe('appending events where only registered types are taken', () => {
  const registry = createRegistry(shopContracts, { rules: shopRules, unregisteredTypes: 'refuse' });
  const { api } = useEventApi({ registry });

  it('refuses all others', async () => {
    const events = [opened('strict'), { eventType: 'Noted', eventData: {} }];
    const refused = await api().post('/api/events', { streamId: 'account:strict', events });
    expectProblem(refused, { status: 400, type: 'unregistered-type', members: { eventType: 'Noted' } });
    expect(await api().logLength()).toBe(0);
    const taken = await api().post('/api/events', { streamId: 'account:strict', ...opened('strict') });
    expect(taken.status).toBe(201);
  });
});
