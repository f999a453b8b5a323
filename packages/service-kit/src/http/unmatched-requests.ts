import type { FastifyReply, FastifyRequest } from 'fastify';
import type { CountRequest } from '../metrics/http-metrics.ts';
import type { ErrorResponder } from '../problem/error-handler.ts';
import { notFound, ProblemError, problem } from '../problem/problem.ts';
import type { HttpApp } from './http-app.ts';
import type { MethodsOf } from './known-methods.ts';
import { pathOf } from './url-parts.ts';

export interface OtherMethods {
  readonly methodsOf: MethodsOf;
  readonly respond: ErrorResponder;
  /** Told of every request that is answered here. */
  readonly count: CountRequest;
}

/**
 * Answers what no route takes: 405 with `Allow` on a path that takes other methods, 404 on any other path. To be
 * called after the limit of the rate, which holds here too.
 */
export function answerUnmatched(app: HttpApp, { methodsOf, respond, count }: OtherMethods): void {
  const limited = app.hasDecorator('rateLimit') ? { preHandler: app.rateLimit() } : {};
  app.setNotFoundHandler(limited, (request, reply) => {
    respond(notTaken(request, reply, methodsOf(pathOf(request.url))), request, reply);
    count(request, reply);
  });
}

function notTaken({ method }: FastifyRequest, reply: FastifyReply, allowed: readonly string[]): ProblemError {
  if (allowed.length === 0) return notFound(`There is no ${method} on this path.`);
  const list = allowed.join(', ');
  reply.header('allow', list);
  const detail = `There is no ${method} on this path; it takes ${list}.`;
  return new ProblemError(problem(405, 'method-not-allowed', 'Method not allowed', { detail, allowed }));
}

/**
 * Answers OPTIONS with 204 and `Allow`, and leaves preflight requests to CORS where there is CORS. To be called before
 * CORS is registered, which would answer all of them.
 */
export function answerOptions(app: HttpApp, others: OtherMethods, hasCors: boolean): void {
  const { methodsOf, count } = others;
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS' || (hasCors && isPreflight(request))) return done();
    const allowed = methodsOf(pathOf(request.url));
    if (allowed.length === 0) return done(notFound('There is no such path.'));
    reply.code(204).header('allow', allowed.join(', ')).send();
    count(request, reply);
  });
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
