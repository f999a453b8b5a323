import { accountDays } from './account-days.ts';
import { accounts } from './accounts.ts';
import { auditLog } from './audit-log.ts';
import { dailySummary } from './daily-summary.ts';
import { orders } from './orders.ts';
import { users } from './users.ts';

/** Every projection of this service; a new one is added here. */
export const projections = [orders, accounts, users, auditLog, dailySummary, accountDays] as const;
