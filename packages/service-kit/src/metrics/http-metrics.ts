import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { REQUEST_BUCKETS_SECONDS, RequestSeries } from './request-series.ts';
import { SeriesHistogram } from './series-histogram.ts';

/** Counts one answered request. */
export type CountRequest = (request: FastifyRequest, reply: FastifyReply) => void;

/**
 * Counts and times every request by route pattern (never by path, which would grow without bound), method and
 * status. Must be called before routes are registered. Returns how to count a request that no route matched.
 */
export function measureRequests(app: FastifyInstance, registry: Registry): CountRequest {
  const all: RequestSeries[] = [];
  reportRequests(registry, all);
  app.addHook('onRoute', (route: RouteOptions) => {
    const count = counterOf(all, route.url);
    const earlier = route.onResponse ?? [];
    route.onResponse = [
      ...(Array.isArray(earlier) ? earlier : [earlier]),
      (request, reply, done) => {
        count(request, reply);
        done();
      },
    ];
  });
  return counterOf(all, 'unmatched');
}

function reportRequests(registry: Registry, all: readonly RequestSeries[]): void {
  const labelNames = ['method', 'route', 'status'];
  new SeriesHistogram(registry, {
    name: 'headrace_http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer',
    labelNames,
    bucketsSeconds: REQUEST_BUCKETS_SECONDS,
    series: () => all,
  });
  new Counter({
    name: 'headrace_http_requests_total',
    help: 'HTTP requests answered',
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, count } of all) this.inc(labels, count);
    },
  });
}

function counterOf(all: RequestSeries[], route: string): CountRequest {
  const known = new Map<string, RequestSeries>();
  return (request, reply) => {
    const key = request.method + reply.statusCode;
    let series = known.get(key);
    if (series === undefined) {
      series = new RequestSeries({ method: request.method, route, status: String(reply.statusCode) });
      all.push(series);
      known.set(key, series);
    }
    series.observe(reply.elapsedTime / 1000);
  };
}
