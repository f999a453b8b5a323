import type { ConsumerAdmin } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import { registerConsumerRoutes } from '../consumer-routes/register-consumer-routes.ts';
import { registerConsumerMetrics } from '../metrics/consumer-metrics.ts';
import { type MeasuredStore, registerStoreMetrics } from '../metrics/store-metrics.ts';
import { buildHttpApp, type HttpAppOptions } from './build-http-app.ts';
import type { HttpApp } from './http-app.ts';

export interface ServiceAppOptions extends Omit<HttpAppOptions, 'checks'> {
  readonly store: Pick<EventStore, 'check'> & MeasuredStore;
  /** For services that need one. */
  readonly database?: { check(): Promise<unknown> } | undefined;
  /** The consumer groups that run in this process. */
  readonly consumers: readonly ConsumerAdmin[];
}

/** What the `buildApp` of a service is given, beside what only this service needs. */
export type ServiceAppDeps = Omit<
  ServiceAppOptions,
  'name' | 'version' | 'description' | 'problemMappers' | 'decorateProblem'
>;

/**
 * The HTTP side of a service on the log: `buildHttpApp`, the service's own routes, and the routes and metrics of its
 * consumers and its store. It is ready when Redis answers, and PostgreSQL where there is a database. Store and database
 * stay the caller's to close.
 */
export async function buildServiceApp(
  { store, database, consumers, ...http }: ServiceAppOptions,
  registerRoutes: (app: HttpApp) => void,
): Promise<HttpApp> {
  const checks = {
    redis: () => store.check(),
    ...(database === undefined ? {} : { postgres: () => database.check() }),
  };
  const app = await buildHttpApp({ ...http, checks });
  registerRoutes(app);
  registerConsumerRoutes(app, consumers);
  registerConsumerMetrics(app.metrics, consumers);
  registerStoreMetrics(app.metrics, store);
  return app;
}
