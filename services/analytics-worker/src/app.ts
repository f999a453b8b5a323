import type { ConsumerAdmin } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import type { Database } from '@headrace/projections';
import {
  buildHttpApp,
  type HttpApp,
  type HttpAppOptions,
  type MeasuredStore,
  registerConsumerMetrics,
  registerConsumerRoutes,
  registerStoreMetrics,
} from '@headrace/service-kit';
import { analyticsProblems } from './problems.ts';
import { registerFunnel } from './routes/funnel.ts';
import { registerSummary } from './routes/summary.ts';
import { registerTimeseries } from './routes/timeseries.ts';
import { registerTopProducts } from './routes/top-products.ts';
import type { AnalyticsTables } from './tables/tables.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'analytics-worker', version: '0.1.0' } as const;

const DESCRIPTION = `Counts, revenue, funnel and best-sellers of the orders, each event counted once.

Everything goes by business time (\`occurredAt\`) in UTC. A range includes its \`from\` and not its \`to\`, and is
widened to whole hours or days; every answer names the range it covers. Money is in decimal units of its currency;
currencies are never added together. The numbers follow the log within milliseconds: \`/consumer\` shows the lag.`;

export interface AnalyticsAppDeps extends Omit<HttpAppOptions, 'name' | 'version' | 'description'> {
  readonly store: Pick<EventStore, 'check'> & MeasuredStore;
  readonly database: Pick<Database<AnalyticsTables>, 'db' | 'check'>;
  readonly consumers: readonly ConsumerAdmin[];
  readonly now: () => number;
}

/** The HTTP side of analytics; needs PostgreSQL only. It never listens; store and database stay the caller's to close. */
export async function buildApp(deps: AnalyticsAppDeps): Promise<HttpApp> {
  const { store, database, consumers, now, ...http } = deps;
  const app = await buildHttpApp({
    ...SERVICE,
    description: DESCRIPTION,
    checks: { redis: () => store.check(), postgres: () => database.check() },
    problemMappers: [analyticsProblems],
    ...http,
  });
  const { db } = database;
  registerSummary(app, { db, now });
  registerTimeseries(app, { db, now });
  registerFunnel(app, { db, now });
  registerTopProducts(app, { db, now });
  registerConsumerRoutes(app, consumers);
  registerConsumerMetrics(app.metrics, consumers);
  registerStoreMetrics(app.metrics, store);
  return app;
}
