import type { Database } from '@headrace/postgres';
import { buildServiceApp, type HttpApp, type ServiceAppDeps } from '@headrace/service-kit';
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

export interface AnalyticsAppDeps extends ServiceAppDeps {
  readonly database: Pick<Database<AnalyticsTables>, 'db' | 'check'>;
  readonly now: () => number;
}

/** The HTTP side of analytics; its routes need PostgreSQL only. It never listens. */
export async function buildApp({ now, ...deps }: AnalyticsAppDeps): Promise<HttpApp> {
  const { db } = deps.database;
  const service = { ...SERVICE, description: DESCRIPTION, problemMappers: [analyticsProblems] };
  return await buildServiceApp({ ...service, ...deps }, (app) => {
    registerSummary(app, { db, now });
    registerTimeseries(app, { db, now });
    registerFunnel(app, { db, now });
    registerTopProducts(app, { db, now });
  });
}
