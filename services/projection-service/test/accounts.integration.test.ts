import { Readable } from 'node:stream';
import { usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
let service: RunningService;

const usd = (minor: number) => ({ minor, currency: 'USD' });
const openedAt = '2024-01-01T09:00:00.000Z';

interface Movement {
  readonly type: 'MoneyDeposited' | 'MoneyWithdrawn';
  readonly minor: number;
  readonly after: number;
  readonly on: string;
}

async function open(accountId: string, owner: string, currency = 'USD'): Promise<void> {
  const data = { accountId, owner, currency, openedAt };
  await service.store.append(`account:${accountId}`, [{ type: 'AccountOpened', data, occurredAt: openedAt }]);
}

async function move(accountId: string, { type, minor, after, on }: Movement): Promise<string> {
  const data = { accountId, amount: usd(minor), balanceAfter: usd(after) };
  const occurredAt = `2024-01-${on}T12:00:00.000Z`;
  const { positions } = await service.store.append(`account:${accountId}`, [{ type, data, occurredAt }]);
  return positions[0] ?? '';
}

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  service = await runProjectionService({ redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema });
  await open('ACC-001', 'Ada');
  await move('ACC-001', { type: 'MoneyDeposited', minor: 100_000, after: 100_000, on: '02' });
  await move('ACC-001', { type: 'MoneyDeposited', minor: 50_000, after: 150_000, on: '02' });
  await move('ACC-001', { type: 'MoneyWithdrawn', minor: 30_000, after: 120_000, on: '03' });
  await move('ACC-001', { type: 'MoneyWithdrawn', minor: 20_000, after: 100_000, on: '03' });
  await open('ACC-002', 'Grace');
  await service.store.append('account:ACC-002', [
    {
      type: 'MoneyDeposited',
      schemaVersion: 1,
      data: { accountId: 'ACC-002', amount: 12.5, balanceAfter: 12.5 },
      occurredAt: '2024-01-03T08:00:00.000Z',
    },
  ]);
  await open('ACC-003', 'Ada', 'JPY');
  await service.store.append('account:ACC-003', [{ type: 'AccountClosed', data: { accountId: 'ACC-003' } }]);
  await service.store.append('user_123', [
    { type: 'UserCreated', data: { userId: 'user_123', name: 'Ada', attributes: { plan: 'free' } } },
    {
      type: 'UserUpdated',
      data: { userId: 'user_123', updates: { email: 'ada@example.com', attributes: { plan: null } } },
    },
  ]);
  await caughtUp(service);
});
afterAll(() => service.stop());

describe('accounts', () => {
  it('has the balance of the events, from the read model and from the log', async () => {
    const fromReadModel = await service.get('/api/queries/account?accountId=ACC-001');
    const fromLog = await service.get('/api/queries/account?accountId=ACC-001&source=event_store');
    expect(fromReadModel.body).toEqual({
      data: {
        accountId: 'ACC-001',
        owner: 'Ada',
        currency: 'USD',
        balance: 1000,
        status: 'active',
        openedAt,
        lastUpdated: '2024-01-03T12:00:00.000Z',
        version: 5,
      },
    });
    expect(fromLog.body).toEqual(fromReadModel.body);
  });

  it('lists them by owner, and says what the bank holds', async () => {
    const all = await service.get<{ data: { accountId: string }[] }>('/api/queries/accounts');
    expect(all.body).toMatchObject({
      totals: [
        { currency: 'JPY', accounts: 1, balance: 0 },
        { currency: 'USD', accounts: 2, balance: 1012.5 },
      ],
      nextCursor: null,
    });
    const first = await service.get<{ data: unknown[]; nextCursor: string }>(
      '/api/queries/accounts?owner=Ada&limit=1',
    );
    expect(first.body).toMatchObject({
      data: [{ accountId: 'ACC-001' }],
      totals: [{ currency: 'JPY' }, { currency: 'USD' }],
    });
    const cursor = encodeURIComponent(first.body.nextCursor);
    expect(
      (await service.get(`/api/queries/accounts?owner=Ada&limit=1&cursor=${cursor}`)).body,
    ).toMatchObject({
      data: [{ accountId: 'ACC-003', status: 'closed' }],
      nextCursor: null,
    });
  });

  it('waits for a write of one’s own', async () => {
    const eventId = await move('ACC-002', { type: 'MoneyDeposited', minor: 1, after: 1_251, on: '05' });
    const { body } = await service.get(`/api/queries/account?accountId=ACC-002&wait_for=${eventId}`);
    expect(body).toMatchObject({ data: { balance: 12.51 } });
  });

  it('counts deposits and withdrawals by day', async () => {
    const { body } = await service.get('/api/queries/daily-summary?from=2024-01-01&to=2024-01-04');
    expect(body).toMatchObject({
      data: [
        { day: '2024-01-03', currency: 'USD', deposits: 12.5, withdrawals: 500, ordersPlaced: 0 },
        { day: '2024-01-02', currency: 'USD', deposits: 1500, withdrawals: 0 },
      ],
    });
  });

  it('audits one account in one month, over imported history', async () => {
    const stream = 'account:ACC-OLD';
    const moments = [
      '2023-12-31T23:59:59.999Z',
      '2024-01-01T00:00:00Z',
      '2024-01-31T23:59:59.999Z',
      '2024-02-01T00:00:00Z',
    ];
    const lines = [
      {
        type: 'AccountOpened',
        occurredAt: openedAt,
        data: { accountId: 'ACC-OLD', owner: 'Ada', currency: 'USD', openedAt },
      },
      ...moments.map((occurredAt, i) => ({
        type: 'MoneyDeposited',
        occurredAt,
        data: { accountId: 'ACC-OLD', amount: usd(1), balanceAfter: usd(i + 1) },
      })),
    ].map((event) => JSON.stringify({ stream, ...event }));
    await service.store.importEvents(Readable.from(lines), 'old-bank');
    await caughtUp(service);
    const month = 'from=2024-01-01T00:00:00Z&to=2024-01-31T23:59:59.999Z';
    const { status, body } = await service.get<{ data: { occurredAt: string }[] }>(
      `/api/queries/audit?stream=${stream}&type=MoneyDeposited&${month}`,
    );
    expect(status).toBe(200);
    expect(body.data.map(({ occurredAt }) => occurredAt)).toEqual([
      '2024-01-01T00:00:00.000Z',
      '2024-01-31T23:59:59.999Z',
    ]);
  });

  it('answers 404 for nobody’s account, and 400 without an id or for a list from the log', async () => {
    expect((await service.get('/api/queries/account?accountId=nobody')).status).toBe(404);
    expect((await service.get('/api/queries/account')).status).toBe(400);
    expect((await service.get('/api/queries/accounts?source=event_store')).body['errors']).toMatchObject([
      { message: expect.stringContaining('account, with accountId') },
    ]);
  });
});

describe('sums beyond every safe number', () => {
  const LARGEST = 999_999_999_999_999;
  const TIMES = 200;

  it('stay exact, and park nothing: deposits and withdrawals of a day, balances, refunds', async () => {
    const day = '2024-03-01T12:00:00.000Z';
    const there = { accountId: 'RICH', amount: usd(LARGEST), balanceAfter: usd(LARGEST) };
    const back = { ...there, balanceAfter: usd(0) };
    const round = [
      { type: 'MoneyDeposited', data: there, occurredAt: day },
      { type: 'MoneyWithdrawn', data: back, occurredAt: day },
    ];
    await open('RICH', 'Croesus');
    await service.store.append('account:RICH', Array.from({ length: TIMES }, () => round).flat());
    for (const accountId of Array.from({ length: 10 }, (_, i) => `RICH-${i}`)) {
      await open(accountId, 'Croesus');
      await move(accountId, { type: 'MoneyDeposited', minor: LARGEST, after: LARGEST, on: '31' });
    }
    const order = { orderId: 'DEAR', userId: 'u' };
    const money = { amount: usd(LARGEST), paidAmount: usd(LARGEST), refundedTotal: usd(LARGEST) };
    const refunded = {
      type: 'OrderRefunded',
      data: { ...order, ...money, full: true, reason: 'x' },
      occurredAt: day,
    };
    const placed = { ...order, items: [], amount: usd(LARGEST), paymentTerms: 'prepaid' };
    await service.store.append('order:DEAR', [
      { type: 'OrderPlaced', data: placed, occurredAt: day },
      ...Array.from({ length: 20 }, () => refunded),
    ]);
    await caughtUp(service);
    const { body } = await service.get('/api/queries/daily-summary?from=2024-03-01&to=2024-03-01');
    const moved = '1999999999999998.00';
    expect(body).toMatchObject({
      data: [{ deposits: moved, withdrawals: moved, refunds: '199999999999999.80' }],
    });
    const { body: bank } = await service.get('/api/queries/accounts?owner=Croesus');
    expect(bank).toMatchObject({ totals: [{ currency: 'USD', accounts: 11, balance: '99999999999999.90' }] });
    expect((await service.get('/dead-letters')).body).toMatchObject({ deadLetters: [] });
  });
});

describe('users', () => {
  it('shows one, with what was updated', async () => {
    const { body } = await service.get('/api/queries/user?userId=user_123');
    expect(body).toMatchObject({
      data: {
        userId: 'user_123',
        name: 'Ada',
        email: 'ada@example.com',
        attributes: {},
        status: 'active',
        version: 2,
      },
    });
    expect((await service.get('/api/queries/user?userId=user_123&source=event_store')).body).toEqual(body);
  });

  it('lists them', async () => {
    expect((await service.get('/api/queries/users?status=active')).body).toMatchObject({
      data: [{ userId: 'user_123' }],
    });
    expect((await service.get('/api/queries/users?status=deleted')).body).toMatchObject({ data: [] });
    expect((await service.get('/api/queries/user?userId=nobody')).status).toBe(404);
  });
});
