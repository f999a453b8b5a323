import { auditLog } from './audit-log.ts';
import { dailySummary } from './daily-summary.ts';
import { orders } from './orders.ts';

/** Every projection of this service; a new one is added here. */
export const projections = [orders, auditLog, dailySummary] as const;

export type ProjectionName = 'orders' | 'audit_log' | 'daily_summary';
