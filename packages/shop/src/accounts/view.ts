import { z } from 'zod';
import { toDecimal } from '../money/money.ts';
import { timeInView, versionInView } from '../view.ts';
import { ACCOUNT_STATUSES, type AccountState } from './state.ts';

export const accountStatusSchema = z.enum(ACCOUNT_STATUSES);

const schema = z
  .object({
    accountId: z.string(),
    owner: z.string(),
    currency: z.string(),
    balance: z.number(),
    status: accountStatusSchema,
    openedAt: timeInView,
    closedAt: timeInView.optional(),
    lastUpdated: timeInView,
    version: versionInView,
  })
  .meta({
    id: 'AccountView',
    description: 'An account as its events add up; the balance as a decimal number of its currency',
    examples: [
      {
        accountId: 'ACC-001',
        owner: 'Ada Lovelace',
        currency: 'USD',
        balance: 1000,
        status: 'active',
        openedAt: '2026-01-15T14:00:00.000Z',
        lastUpdated: '2026-01-16T09:30:00.000Z',
        version: 5,
      },
    ],
  });

/** An account as HTTP shows it. */
export type AccountView = z.output<typeof schema>;

/** What every service shows of an account: its state, with the balance as a decimal number. */
export const accountView = {
  schema,
  present: ({ balance, ...rest }: AccountState): AccountView => ({ ...rest, balance: toDecimal(balance) }),
} as const;
