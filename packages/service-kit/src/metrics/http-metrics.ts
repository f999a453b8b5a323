import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { RequestHistogram, type RequestSeries } from './request-histogram.ts';

/** Counts one answered request. */
export type CountRequest = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Counts and times every request by route pattern (never by path, which would grow without bound), method and
 * status. Must be called before routes are registered. Returns how to count a request that no route matched.
 */
export function measureRequests(app: FastifyInstance, registry: Registry): CountRequest {
  const histogram = new RequestHistogram(registry);
  countRequests(registry, histogram);
  app.addHook('onRoute', (route: RouteOptions) => {
    const count = counterOf(histogram, route.url);
    const earlier = route.onResponse ?? [];
    route.onResponse = [
      ...(Array.isArray(earlier) ? earlier : [earlier]),
      (request, reply, done) => {
        count(request, reply);
        done();
      },
    ];
  });
  return counterOf(histogram, 'unmatched');
}

function countRequests(registry: Registry, histogram: RequestHistogram): void {
  new Counter({
    name: 'headrace_http_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, count } of histogram.series) this.inc(labels, count);
    },
  });
}

function counterOf(histogram: RequestHistogram, route: string): CountRequest {
  const known = new Map<string, RequestSeries>();
  return (request, reply) => {
    const key = request.method + reply.statusCode;
    let series = known.get(key);
    if (series === undefined) {
      series = histogram.addSeries({ method: request.method, route, status: String(reply.statusCode) });
      known.set(key, series);
    }
    series.observe(reply.elapsedTime / 1000);
  };
}
