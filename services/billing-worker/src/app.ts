import { buildServiceApp, type HttpApp, type ServiceAppDeps } from '@headrace/service-kit';
import type { BillingDatabase } from './database/billing-database.ts';
import { registerOutboxMetrics } from './outbox/outbox-metrics.ts';
import { registerInvoices } from './routes/invoices.ts';
import { registerLedger } from './routes/ledger.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'billing-worker', version: '0.1.0' } as const;

const DESCRIPTION = `Invoices and a double-entry ledger of the orders, each event posted once.

Amounts are decimal numbers of their currency. Postings are never changed: a mistake is met by another posting. The
books follow the log within milliseconds: \`/consumer\` shows the lag.`;

export interface BillingAppDeps extends ServiceAppDeps {
  readonly database: Pick<BillingDatabase, 'db' | 'check'>;
}

/** The HTTP side of billing; its routes need PostgreSQL only. It never listens. */
export async function buildApp(deps: BillingAppDeps): Promise<HttpApp> {
  return await buildServiceApp({ ...SERVICE, description: DESCRIPTION, ...deps }, (app) => {
    registerInvoices(app, deps.database);
    registerLedger(app, deps.database);
    registerOutboxMetrics(app, deps.database.db);
  });
}
