import { accountFold } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const versionsOf = (data: { events: readonly { version: number }[] }) =>
  data.events.map(({ version }) => version);

describe('replay', () => {
  const { api } = useEventApi();
  const replay = (stream: string, body?: object, query = '') =>
    api().post(`/api/events/${stream}/replay${query}`, body);

  it('gives the events after a version up to a point, and the whole state there', async () => {
    await api().account('r1', 100);
    await api().command('Withdraw', { accountId: 'r1', amount: 30 });
    await api().command('Withdraw', { accountId: 'r1', amount: 20 });
    const cases: [object | undefined, number[], number, boolean?][] = [
      [undefined, [1, 2, 3, 4], 50],
      [{}, [1, 2, 3, 4], 50],
      [{ toVersion: 3 }, [1, 2, 3], 70],
      [{ fromVersion: 2 }, [3, 4], 50],
      [{ fromVersion: 1, toVersion: 2 }, [2], 100],
      [{ fromVersion: 4 }, [], 50],
      [{ fromVersion: 1, toVersion: 1 }, [], 0],
    ];
    for (const [body, versions, balance] of cases) {
      const { status, data } = await replay('account:r1', body);
      expect(status).toBe(200);
      expect(versionsOf(data), JSON.stringify(body)).toEqual(versions);
      expect(data).toMatchObject({ streamId: 'account:r1', currentVersion: 4, hasMore: false });
      expect(data.finalState).toMatchObject({ balance, version: data.toVersion });
    }
    const paged = (await replay('account:r1', { toVersion: 3 }, '?limit=2')).data;
    expect(paged).toMatchObject({ hasMore: true, nextVersion: 2, toVersion: 3, finalState: { balance: 70 } });
  });

  it('ends at a moment', async () => {
    await api().account('r2', 100);
    const [, deposited] = await api().events('account:r2');
    const at = deposited?.recordedAt ?? '';
    await eventually(() => Date.now() > Date.parse(at));
    await api().command('Withdraw', { accountId: 'r2', amount: 30 });
    const { data } = await replay('account:r2', { at });
    expect([data.toVersion, versionsOf(data), data.finalState.balance]).toEqual([2, [1, 2], 100]);
    expect((await replay('account:r2', { at: '2999-01-01T00:00:00Z' })).data.toVersion).toBe(3);
    expectProblem(await replay('account:r2', { at: '2000-01-01T00:00:00Z' }), {
      status: 404,
      type: 'not-found',
    });
  });

  it('ends at a moment of either time, where what happened was noted down late', async () => {
    const day = (n: number) => `2019-03-0${n}T12:00:00Z`;
    const balanceAfter = (minor: number) => ({ minor, currency: 'USD' });
    const accountId = 'r4';
    const deposit = (minor: number) => ({ accountId, amount: balanceAfter(minor) });
    const opening = { accountId, owner: 'Ada', currency: 'USD', openedAt: day(1) };
    const appended = await api().post('/api/events', {
      streamId: 'account:r4',
      events: [
        { eventType: 'AccountOpened', eventData: opening, occurredAt: day(1) },
        {
          eventType: 'MoneyDeposited',
          eventData: { ...deposit(700), balanceAfter: balanceAfter(700) },
          occurredAt: day(4),
        },
        {
          eventType: 'MoneyDeposited',
          eventData: { ...deposit(300), balanceAfter: balanceAfter(1000) },
          occurredAt: day(2),
        },
      ],
    });
    expect(appended.status).toBe(201);
    const at = async (n: number) => {
      const { data } = await replay('account:r4', { at: day(n), by: 'occurred' });
      return [data.toVersion, versionsOf(data), data.finalState.balance];
    };
    expect(await at(1)).toEqual([1, [1], 0]);
    // the balance after the late deposit holds the one before it in the stream, which had not happened yet
    expect(await at(3)).toEqual([1, [1], 0]);
    expect(await at(4)).toEqual([3, [1, 2, 3], 10]);
    for (const body of [{ at: day(4) }, { at: day(4), by: 'recorded' }]) {
      const answer = await replay('account:r4', body);
      expectProblem(answer, { status: 404, type: 'not-found' });
      expect(answer.json.detail).toContain('occurred');
    }
    const before = await replay('account:r4', { at: '2019-01-01T00:00:00Z', by: 'occurred' });
    expectProblem(before, { status: 404, type: 'not-found' });
    for (const body of [{ by: 'occurred' }, { toVersion: 1, by: 'recorded' }, { at: day(4), by: 'told' }])
      expectProblem(await replay('account:r4', body), { status: 400, type: 'invalid-request' });
  });

  it('refuses what lies beyond the end, and what cannot be', async () => {
    await api().account('r3', 1);
    for (const body of [{ toVersion: 3 }, { fromVersion: 3 }]) {
      const members = { version: 3, current: 2 };
      const answer = await replay('account:r3', body);
      expectProblem(answer, { status: 404, type: 'version-beyond-end', members });
    }
    expectProblem(await replay('account:nobody'), { status: 404, type: 'stream-not-found' });
    for (const body of [
      { fromVersion: 2, toVersion: 1 },
      { toVersion: 1, at: '2026-01-15T14:00:00Z' },
      { toVersion: 0 },
      { fromVersion: -1 },
      { toVersion: 1.5 },
      { at: 'now' },
      { until: 3 },
    ])
      expectProblem(await replay('account:r3', body), { status: 400, type: 'invalid-request' });
  });

  it('merges the data of events where there is no fold', async () => {
    await api().post('/api/events', {
      streamId: 'sensor:9',
      events: [
        { eventType: 'Installed', eventData: { place: 'roof', price: { minor: 5, currency: 'USD' } } },
        { eventType: 'Measured', eventData: { celsius: 20 } },
        { eventType: 'Measured', eventData: { celsius: 21 } },
      ],
    });
    const merged = { place: 'roof', price: { minor: 5, currency: 'USD' } };
    expect((await replay('sensor:9')).data.finalState).toEqual({ ...merged, celsius: 21 });
    expect((await replay('sensor:9', { toVersion: 2, fromVersion: 1 })).data.finalState).toEqual({
      ...merged,
      celsius: 20,
    });
  });

  it('shows orders with decimal amounts too', async () => {
    const price = { minor: 1050, currency: 'USD' };
    const eventData = {
      orderId: 'o1',
      userId: 'u1',
      items: [{ id: 'a', name: 'A', quantity: 1, price }],
      amount: price,
      paymentTerms: 'prepaid',
    };
    const placed = await api().post('/api/events', {
      streamId: 'order:o1',
      eventType: 'OrderPlaced',
      eventData,
    });
    expect(placed.status).toBe(201);
    const { data } = await replay('order:o1');
    expect(data.finalState).toMatchObject({ status: 'placed', amount: 10.5, items: [{ price: 10.5 }] });
    expect(data.events[0].eventData).toEqual(eventData);
  });
});

describe('snapshots', () => {
  const { api } = useEventApi();

  it('are folded by the server and listed', async () => {
    await api().account('s1', 100);
    const saved = await api().post('/api/snapshots', { streamId: 'account:s1' });
    expect([saved.status, saved.headers['location']]).toEqual([201, '/api/snapshots/account%3As1']);
    expect(saved.data).toMatchObject({
      streamId: 'account:s1',
      version: 2,
      foldVersion: accountFold.foldVersion,
      usable: true,
      state: { balance: 100, owner: 'Ada' },
    });
    await api().command('Withdraw', { accountId: 's1', amount: 1 });
    await api().post('/api/snapshots', { streamId: 'account:s1' });
    const { data } = await api().get('/api/snapshots/account:s1');
    expect(data).toMatchObject({ streamId: 'account:s1', currentVersion: 3 });
    expect(versionsOf({ events: data.snapshots })).toEqual([3, 2]);
    expect((await api().get('/api/snapshots/account:nobody')).status).toBe(404);
    const nobody = await api().post('/api/snapshots', { streamId: 'account:nobody' });
    expectProblem(nobody, { status: 404, type: 'stream-not-found' });
  });

  it('take no data from a client', async () => {
    await api().account('s2', 100);
    const answer = await api().post('/api/snapshots', { streamId: 'account:s2', data: { balance: 1e6 } });
    expectProblem(answer, { status: 400, type: 'invalid-request' });
    expect((await api().get('/api/snapshots/account:s2')).data.snapshots).toEqual([]);
  });

  it('of an old fold, or from beyond the end, are marked and never used', async () => {
    await api().account('s3', 100);
    const { keys, redis } = api().store;
    const rich = { accountId: 's3', owner: 'Eve', balance: { minor: 1e9, currency: 'USD' }, currency: 'USD' };
    const state = JSON.stringify({ ...rich, status: 'active', version: 2 });
    const [, second] = await api().events('account:s3');
    const entryId = second?.position.slice(second.position.indexOf('-') + 1);
    await redis.hset(keys.snapshots('account:s3'), {
      2: `${accountFold.foldVersion + 1} ${entryId} ${state}`,
      9: `${accountFold.foldVersion} ${entryId} ${state}`,
    });
    const { data } = await api().get('/api/snapshots/account:s3');
    expect(data.snapshots.map(({ version, usable }: Record<string, unknown>) => [version, usable])).toEqual([
      [9, false],
      [2, false],
    ]);
    const answer = await api().command('Withdraw', { accountId: 's3', amount: 101 });
    expectProblem(answer, { status: 409, type: 'insufficient-funds', members: { balance: 100 } });
  });

  it('come by themselves, and one of merged data is never taken for a fold’s', async () => {
    const events = Array.from({ length: 150 }, (_, n) => ({ type: 'Measured', data: { n } }));
    await api().store.append('sensor:5', events);
    const finalState = async () => (await api().post('/api/events/sensor:5/replay')).data.finalState;
    expect(await finalState()).toEqual({ n: 149 });
    await eventually(async () => {
      const { data } = await api().get('/api/snapshots/sensor:5');
      expect(data.snapshots).toMatchObject([
        { version: 150, foldVersion: 0, usable: true, state: { n: 149 } },
      ]);
    });
    expect(await finalState()).toEqual({ n: 149 });
    expect(accountFold.foldVersion).toBeGreaterThan(0);
  });
});

describe('health', () => {
  const { api } = useEventApi();

  it('sums up events, streams and commands', async () => {
    await api().account('h1', 100);
    await api().command('Withdraw', { accountId: 'h1', amount: 1e6 });
    await api().post('/api/events', { streamId: 'sensor:1', eventType: 'A', eventData: {} });
    const { status, json } = await api().get('/health');
    expect(status).toBe(200);
    expect(json).toEqual({
      status: 'healthy',
      timestamp: expect.any(String),
      totalEvents: 3,
      totalStreams: 2,
      totalCommands: 3,
    });
  });
});
