import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { HttpApp } from '../http/http-app.ts';

export interface RegistryOptions {
  readonly service: string;
  readonly version: string;
  /** Process and event-loop metrics under their usual names (`process_…`, `nodejs_…`). */
  readonly processMetrics: boolean;
}

/** A registry of its own for each app, labelled with the service, so that several apps fit into one process. */
export function createRegistry(options: RegistryOptions): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service: options.service });
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'headrace_service_info',
    help: 'Always 1; the version that runs',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version: options.version }, 1);
  return registry;
}

/** `GET /metrics` in the Prometheus text format. */
export function registerMetricsRoute(app: HttpApp, registry: Registry): void {
  app.get('/metrics', { config: { rateLimit: false }, schema: { hide: true } }, async (_request, reply) => {
    const page = await registry.metrics();
    return reply.header('content-type', registry.contentType).send(page);
  });
}
