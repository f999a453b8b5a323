import type { ConsumerAdmin } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import {
  buildHttpApp,
  type HttpApp,
  type HttpAppOptions,
  type MeasuredStore,
  registerConsumerMetrics,
  registerConsumerRoutes,
  registerStoreMetrics,
} from '@headrace/service-kit';
import type { BillingDatabase } from './database/billing-database.ts';
import { registerOutboxMetrics } from './outbox/outbox-metrics.ts';
import { registerInvoices } from './routes/invoices.ts';
import { registerLedger } from './routes/ledger.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'billing-worker', version: '0.1.0' } as const;

const DESCRIPTION = `Invoices and a double-entry ledger of the orders, each event posted once.

Amounts are decimal numbers of their currency. Postings are never changed: a mistake is met by another posting. The
books follow the log within milliseconds: \`/consumer\` shows the lag.`;

export interface BillingAppDeps extends Omit<HttpAppOptions, 'name' | 'version' | 'description'> {
  readonly store: Pick<EventStore, 'check'> & MeasuredStore;
  readonly database: Pick<BillingDatabase, 'db' | 'check'>;
  readonly consumers: readonly ConsumerAdmin[];
}

/** The HTTP side of billing; needs PostgreSQL only. It never listens; store and database stay the caller's to close. */
export async function buildApp(deps: BillingAppDeps): Promise<HttpApp> {
  const { store, database, consumers, ...http } = deps;
  const app = await buildHttpApp({
    ...SERVICE,
    description: DESCRIPTION,
    checks: { redis: () => store.check(), postgres: () => database.check() },
    ...http,
  });
  registerInvoices(app, database);
  registerLedger(app, database);
  registerConsumerRoutes(app, consumers);
  registerConsumerMetrics(app.metrics, consumers);
  registerStoreMetrics(app.metrics, store);
  registerOutboxMetrics(app, database.db);
  return app;
}
