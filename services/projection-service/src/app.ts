import {
  buildHttpApp,
  type HttpApp,
  type HttpAppOptions,
  type MeasuredStore,
  registerConsumerMetrics,
  registerConsumerRoutes,
  registerStoreMetrics,
} from '@headrace/service-kit';
import { registerProjectionMetrics } from './metrics/projection-metrics.ts';
import { projectionProblems, removedProjection } from './problems.ts';
import { MaterialisedLookup } from './progress/materialised-lookup.ts';
import { MAX_WAIT_MS } from './queries/parameters.ts';
import { accounts } from './read-models/accounts.ts';
import { orders } from './read-models/orders.ts';
import { registerReadModel } from './read-models/routes.ts';
import { users } from './read-models/users.ts';
import { registerAudit } from './routes/audit.ts';
import { registerDailySummary } from './routes/daily-summary.ts';
import { registerDeclarations } from './routes/declarations.ts';
import { registerDeclaredQueries } from './routes/declared-queries.ts';
import { registerEventStatus } from './routes/event-status.ts';
import { registerProjectionControl } from './routes/projection-control.ts';
import { registerProjections } from './routes/projections.ts';
import type { RouteDeps } from './routes/route-deps.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'projection-service', version: '0.1.0' } as const;

const DESCRIPTION = `Read models of the log: orders, accounts, users, days, every event for audit, and what you declare yourself.

A read model follows the log within milliseconds. To read your own write, pass the event id that it answered with
as \`wait_for\`: the query is answered once the read model has that event. Money is in decimal units of its currency,
times are ISO 8601 in UTC. Lists are paged: pass \`nextCursor\` as \`cursor\` until it is null.`;

const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;
/** An answer that gives up waiting still has to be made before the request's own time is over. */
const ANSWER_MARGIN_MS = 1_000;

export interface ProjectionAppDeps
  extends Omit<RouteDeps, 'longestWaitMs' | 'materialised'>,
    Omit<HttpAppOptions, 'name' | 'version' | 'description'> {
  readonly store: RouteDeps['store'] & MeasuredStore;
}

/**
 * The HTTP side of the read models. Each route needs PostgreSQL or Redis or both, and answers as long as it has
 * them. It never listens; store and database stay the caller's to close.
 */
export async function buildApp({ store, database, runner, ...http }: ProjectionAppDeps): Promise<HttpApp> {
  const app = await buildHttpApp({
    ...SERVICE,
    description: DESCRIPTION,
    checks: { redis: () => store.check(), postgres: () => database.check() },
    problemMappers: [removedProjection, projectionProblems],
    ...http,
  });
  const requestTimeoutMs = http.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  const longestWaitMs = Math.max(0, Math.min(MAX_WAIT_MS, requestTimeoutMs - ANSWER_MARGIN_MS));
  const materialised = new MaterialisedLookup(database);
  const deps: RouteDeps = { store, database, runner, materialised, longestWaitMs };
  registerReadModel(app, deps, orders);
  registerReadModel(app, deps, accounts);
  registerReadModel(app, deps, users);
  registerDailySummary(app, deps);
  registerAudit(app, deps);
  registerDeclaredQueries(app, deps);
  registerEventStatus(app, deps);
  registerProjections(app, deps);
  registerDeclarations(app, deps);
  registerProjectionControl(app, deps);
  registerConsumerRoutes(app, runner.admins);
  registerConsumerMetrics(app.metrics, runner.admins);
  registerStoreMetrics(app.metrics, store);
  registerProjectionMetrics(app, deps);
  return app;
}
