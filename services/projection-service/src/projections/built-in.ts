import { accounts } from '../read-models/accounts.ts';
import { orders } from '../read-models/orders.ts';
import { users } from '../read-models/users.ts';
import { accountDays } from './account-days.ts';
import { auditLog } from './audit-log.ts';
import { dailySummary } from './daily-summary.ts';

/** Every projection that is part of this service's code. */
export const projections = [
  orders.projection,
  accounts.projection,
  users.projection,
  auditLog,
  dailySummary,
  accountDays,
] as const;
