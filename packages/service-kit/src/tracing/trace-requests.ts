import { startSpan } from '@headrace/event-store';
import {
  context as contexts,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pathOf } from '../http/url-parts.ts';
import { maskMailAddresses } from '../logging/scrub.ts';

/** Asked every few seconds by machines; their traces would bury all others. */
const UNTRACED = new Set(['/health/live', '/health/ready', '/metrics']);

/**
 * A server span for each request, below the caller's where it sent a `traceparent`. Handlers run inside of it, so
 * that what they do is below it. To be called before other hooks and routes are added, and only where spans are
 * recorded: then other requests pay nothing.
 */
export function traceRequests(app: FastifyInstance): void {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url;
    if (route === undefined || !UNTRACED.has(route)) spans.set(request, serverSpan(request, route));
    done();
  });
  // after the body has come in: its stream's events belong to the connection, and would lead out of the context
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else contexts.with(trace.setSpan(contexts.active(), span), done);
  });
  app.addHook('onResponse', (request, reply, done) => {
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', reply.statusCode);
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    done();
  });
}

function serverSpan(request: FastifyRequest, route: string | undefined): Span {
  const { method, url, headers } = request;
  return startSpan(propagation.extract(ROOT_CONTEXT, headers), {
    name: route === undefined ? method : `${method} ${route}`,
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': method,
      'url.path': maskMailAddresses(pathOf(url)),
      ...(route === undefined ? {} : { 'http.route': route }),
      'headrace.correlation_id': request.id,
    },
  });
}
