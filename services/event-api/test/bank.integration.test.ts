import { createEventStore } from '@headrace/event-store';
import { shopRegistry } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { type Answer, eventApiOn, useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

describe('a bank', () => {
  const { api, url, prefix } = useEventApi();
  const balanceOf = async (accountId: string) =>
    (await api().post(`/api/events/account:${accountId}/replay`)).data.finalState.balance;

  it('opens an account, takes deposits and withdrawals, and adds up', async () => {
    const accountId = 'ACC-001';
    const answers = [
      await api().command('OpenAccount', { accountId, owner: 'Ada', currency: 'USD' }),
      await api().command('Deposit', { accountId, amount: 1000 }),
      await api().command('Deposit', { accountId, amount: 500, description: 'rent' }),
      await api().command('Withdraw', { accountId, amount: 300 }),
      await api().command('Withdraw', { accountId, amount: 200, currency: 'USD' }),
    ];
    for (const [i, { status, headers, json }] of answers.entries()) {
      const { command, result } = json.data;
      expect([status, json.success, headers['etag']]).toEqual([201, true, `"${i + 1}"`]);
      expect(command).toMatchObject({ status: 'completed', streamId: 'account:ACC-001' });
      expect(headers['location']).toBe(`/api/commands/${command.id}/status`);
      expect(result).toMatchObject({ streamId: 'account:ACC-001', version: i + 1 });
    }
    const events = await api().events('account:ACC-001');
    expect(events.map(({ id }) => id)).toEqual(answers.map(({ data }) => data.result.eventId));
    expect(events.map(({ type }) => type)).toEqual([
      'AccountOpened',
      'MoneyDeposited',
      'MoneyDeposited',
      'MoneyWithdrawn',
      'MoneyWithdrawn',
    ]);
    const { data } = await api().post('/api/events/account:ACC-001/replay');
    expect(data.finalState).toMatchObject({ balance: 1000, currency: 'USD', owner: 'Ada', status: 'active' });
  });

  it('takes no appended event in another currency, in the same append or later', async () => {
    const streamId = 'account:mix';
    const openedAt = '2026-01-01T00:00:00Z';
    const opened = { accountId: 'mix', owner: 'o', currency: 'CHF', openedAt };
    const yen = { minor: 5_000_000, currency: 'JPY' };
    const events = [
      { eventType: 'AccountOpened', eventData: opened },
      { eventType: 'MoneyDeposited', eventData: { accountId: 'mix', amount: yen, balanceAfter: yen } },
    ];
    const refused = {
      status: 400,
      type: 'contract-violation',
      members: { errors: [{ path: 'amount.currency' }] },
    };
    expectProblem(await api().post('/api/events', { streamId, events }), refused);
    expect((await api().post('/api/events', { streamId, ...events[0] })).status).toBe(201);
    const later = await api().post('/api/events', { streamId, ...events[1] });
    expectProblem(later, refused);
    expect(later.json.error).toContain('give the amount in CHF');
    expect(await api().events(streamId)).toHaveLength(1);
    const francs = { ...yen, currency: 'CHF' };
    const eventData = { accountId: 'mix', amount: francs, balanceAfter: francs };
    expect((await api().post('/api/events', { streamId, ...events[1], eventData })).status).toBe(201);
    expect(await balanceOf('mix')).toBe(50_000);
  });

  it('lets ten of fifty concurrent withdrawals of 100 from 1000 succeed', async () => {
    await api().account('ACC-050', 1000);
    const withdraw = () => api().command('Withdraw', { accountId: 'ACC-050', amount: 100 });
    const answers = await Promise.all(Array.from({ length: 50 }, withdraw));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(201), ...Array(40).fill(409)]);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      const members = { balance: 0, asked: 100, commandId: expect.any(String) };
      expectProblem(answer, { status: 409, type: 'insufficient-funds', members });
    }
    expect(await balanceOf('ACC-050')).toBe(0);
    expect(await api().events('account:ACC-050')).toHaveLength(12);
  });

  it('does so when two processes take the withdrawals', async () => {
    await api().account('ACC-051', 1000);
    const store = createEventStore({ redisUrl: url, prefix, registry: shopRegistry });
    await store.open();
    const other = await eventApiOn(store);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        (i % 2 === 0 ? api() : other).command('Withdraw', { accountId: 'ACC-051', amount: 100 }),
      ),
    );
    await other.app.close();
    await store.close();
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(201), ...Array(40).fill(409)]);
    expect(await balanceOf('ACC-051')).toBe(0);
  });

  it('counts in the currency of the account', async () => {
    await api().command('OpenAccount', { accountId: 'yen', owner: 'Aki', currency: 'JPY' });
    const whole = await api().command('Deposit', { accountId: 'yen', amount: 1500 });
    expect(whole.status).toBe(201);
    const [, deposited] = await api().events('account:yen');
    expect(deposited?.data).toMatchObject({ amount: { minor: 1500, currency: 'JPY' } });
    const parts = await api().command('Deposit', { accountId: 'yen', amount: 0.5 });
    const members = { amount: 0.5, currency: 'JPY', allowed: 0 };
    expectProblem(parts, { status: 422, type: 'too-many-decimals', members });
  });

  it.each<[string, string, object, number, string, object?]>([
    ['more than there is', 'Withdraw', { amount: 100.01 }, 409, 'insufficient-funds', { balance: 100 }],
    ['a deposit of nothing', 'Deposit', { amount: 0 }, 422, 'amount-not-positive'],
    ['a withdrawal below zero', 'Withdraw', { amount: -5 }, 422, 'amount-not-positive'],
    ['closing with a balance', 'CloseAccount', {}, 409, 'balance-not-zero', { balance: 100 }],
    [
      'another currency',
      'Deposit',
      { amount: 5, currency: 'EUR' },
      422,
      'currency-mismatch',
      { expected: 'USD', actual: 'EUR' },
    ],
    ['an unknown currency', 'Deposit', { amount: 5, currency: 'ABC' }, 422, 'unknown-currency'],
    ['a third of a cent', 'Deposit', { amount: 0.333 }, 422, 'too-many-decimals'],
    ['more than money can be', 'Deposit', { amount: 1e300 }, 422, 'amount-out-of-range'],
    ['opening twice', 'OpenAccount', { owner: 'Eve' }, 409, 'account-already-open'],
    ['an unknown account', 'Deposit', { accountId: 'nobody', amount: 5 }, 404, 'account-not-found'],
    [
      'no account at all',
      'OpenAccount',
      { accountId: 'n', owner: 'E', currency: 'XYZ' },
      422,
      'unknown-currency',
    ],
  ])(
    'refuses %s, and stores nothing but the command’s status',
    async (title, type, data, status, slug, members) => {
      const accountId = `refused-${title.replaceAll(/[^a-z]/g, '-')}`;
      await api().account(accountId, 100);
      const before = await api().logLength();
      const answer = await api().command(type, { accountId, ...data });
      expectProblem(answer, { status, type: slug, members });
      expect(await api().logLength()).toBe(before);
      const known = await api().get(`/api/commands/${answer.json.commandId}/status`);
      expect(known.data).toMatchObject({
        id: answer.json.commandId,
        commandType: type,
        status: 'failed',
        error: { code: slug.toUpperCase().replaceAll('-', '_'), message: answer.json.detail },
      });
    },
  );

  it('closes an empty account, once', async () => {
    await api().account('ACC-closed', 0);
    expect((await api().command('CloseAccount', { accountId: 'ACC-closed' })).status).toBe(201);
    for (const [type, data] of [
      ['CloseAccount', {}],
      ['Deposit', { amount: 1 }],
    ] as const) {
      const answer = await api().command(type, { accountId: 'ACC-closed', ...data });
      expectProblem(answer, { status: 409, type: 'account-closed' });
    }
  });

  it('holds the version that a body or If-Match pins', async () => {
    await api().account('ACC-pin', 100);
    const data = { accountId: 'ACC-pin', amount: 1 };
    const before = await api().logLength();
    const refused: [Answer, number][] = [
      [await api().command('Withdraw', data, { expectedVersion: 1 }), 409],
      [await api().command('Withdraw', data, {}, { 'if-match': '"1"' }), 412],
      [await api().command('OpenAccount', { accountId: 'fresh', owner: 'A' }, { expectedVersion: 1 }), 409],
    ];
    for (const [answer, status] of refused) {
      const members = { expected: 1, actual: expect.any(Number), commandId: expect.any(String) };
      expectProblem(answer, { status, type: 'wrong-expected-version', members });
    }
    expect(refused.map(([{ json }]) => json.actual)).toEqual([2, 2, 0]);
    const torn = await api().command('Withdraw', data, { expectedVersion: 2 }, { 'if-match': '"1"' });
    expectProblem(torn, { status: 400, type: 'invalid-request' });
    expect(await api().logLength()).toBe(before);

    expect((await api().command('Withdraw', data, { expectedVersion: 2 })).status).toBe(201);
    expect((await api().command('Withdraw', data, {}, { 'if-match': '"3"' })).status).toBe(201);
    const created = await api().command('CreateUser', { userId: 'pinned' }, { expectedVersion: 0 });
    expect(created.status).toBe(201);
  });
});
