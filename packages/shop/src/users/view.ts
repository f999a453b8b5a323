import { z } from 'zod';
import { timeInView, versionInView } from '../view.ts';
import { USER_STATUSES, type UserState } from './state.ts';

export const userStatusSchema = z.enum(USER_STATUSES);

const schema = z
  .object({
    userId: z.string(),
    name: z.string().optional(),
    email: z.string().optional(),
    phone: z.string().optional(),
    attributes: z.record(z.string(), z.unknown()),
    status: userStatusSchema,
    createdAt: timeInView,
    deletedAt: timeInView.optional(),
    lastUpdated: timeInView,
    version: versionInView,
  })
  .meta({
    id: 'UserView',
    description: 'A user as the events add up',
    examples: [
      {
        userId: 'user_123',
        name: 'Ada Lovelace',
        email: 'ada@example.com',
        attributes: { plan: 'pro' },
        status: 'active',
        createdAt: '2026-01-15T14:00:00.000Z',
        lastUpdated: '2026-01-16T09:30:00.000Z',
        version: 2,
      },
    ],
  });

/** A user as HTTP shows them. */
export type UserView = z.output<typeof schema>;

/** What every service shows of a user: the state as it is. */
export const userView = { schema, present: (state: UserState): UserView => state } as const;
