import type { EventEnvelope } from '@headrace/event-schema';
import type { AccountEvent, UserEvent } from '@headrace/shop';
import type { Evidence } from '../../src/evidence/evidence.ts';

// What a sound run leaves behind of one account and one user, beside the order of `sound-evidence.ts`.

const STARTED_AT = Date.parse('2026-01-15T15:00:00.000Z');
const usd = (minor: number) => ({ minor, currency: 'USD' });
const accountId = 'ACC-1';
const userId = 'user-1';

type BankEvent = AccountEvent | UserEvent;

const history: readonly BankEvent[] = [
  {
    type: 'AccountOpened',
    data: { accountId, owner: 'm-open', currency: 'USD', openedAt: '2026-01-15T15:00:00.000Z' },
  },
  {
    type: 'MoneyDeposited',
    data: { accountId, amount: usd(10_000), balanceAfter: usd(10_000), description: 'm-deposit' },
  },
  {
    type: 'MoneyWithdrawn',
    data: { accountId, amount: usd(6_025), balanceAfter: usd(3_975), description: 'm-withdraw' },
  },
  { type: 'UserCreated', data: { userId, name: 'm-create', attributes: { plan: 'none' } } },
  { type: 'UserUpdated', data: { userId, updates: { name: 'm-update', attributes: { plan: 'pro' } } } },
];

const versions = [1, 2, 3, 1, 2];

export const bankEvents: readonly (EventEnvelope & BankEvent)[] = history.map((event, index) => {
  const ms = STARTED_AT + index * 1_000;
  const at = new Date(ms).toISOString();
  const id = `1-${ms}-0`;
  const isAccount = index < 3;
  const place = {
    id,
    position: id,
    stream: isAccount ? `account:${accountId}` : userId,
    category: isAccount ? 'account' : 'user',
    version: versions[index] ?? 0,
  };
  return { ...event, ...place, schemaVersion: 1, recordedAt: at, occurredAt: at, meta: {} };
});
const at = (index: number): string => bankEvents[index]?.occurredAt ?? '';

export const soundBank: Pick<Evidence, 'accounts' | 'users' | 'accountDays'> = {
  accounts: [
    {
      stream: `account:${accountId}`,
      owner: 'm-open',
      currency: 'USD',
      status: 'active',
      balance_minor: 3_975,
      state: {
        accountId,
        owner: 'm-open',
        currency: 'USD',
        balance: usd(3_975),
        status: 'active',
        openedAt: at(0),
        lastUpdated: at(2),
        version: 3,
      },
    },
  ],
  users: [
    {
      stream: userId,
      status: 'active',
      created_at: at(3),
      state: {
        userId,
        name: 'm-update',
        attributes: { plan: 'pro' },
        status: 'active',
        createdAt: at(3),
        lastUpdated: at(4),
        version: 2,
      },
    },
  ],
  accountDays: [
    {
      id: `account:${accountId} 2026-01-15 USD`,
      day: '2026-01-15',
      currency: 'USD',
      deposits_minor: '10000',
      withdrawals_minor: '6025',
    },
  ],
};
