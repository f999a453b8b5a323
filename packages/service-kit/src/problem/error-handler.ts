import type { FastifyReply, FastifyRequest } from 'fastify';
import { pathOf } from '../http/url-parts.ts';
import type { ProblemContext, ProblemMapper } from './map-by-code.ts';
import type { Problem } from './problem.ts';
import { INTERNAL_PROBLEM, mapKnownError } from './problem-map.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export interface ProblemOptions {
  /** Asked in order before the kit's own map; the first answer counts. */
  readonly mappers?: readonly ProblemMapper[] | undefined;
  /** Last change to a problem before it is sent, for an API with members of its own in every error. */
  readonly decorate?: ((problem: Problem) => Problem) | undefined;
}

export type ErrorResponder = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/**
 * Answers any error as `application/problem+json` and logs the server's own failures with the correlation id
 * (503 as a warning: a dependency is away; the rest as errors). An unknown error tells the client nothing.
 */
export function createErrorResponder(options: ProblemOptions): ErrorResponder {
  const mappers = [...(options.mappers ?? []), mapKnownError];
  const decorate = options.decorate ?? ((plain: Problem) => plain);
  return (error, request, reply) => {
    const found = firstProblem(mappers, error, { hasIfMatch: request.headers['if-match'] !== undefined });
    logServerFailure(found, error, request);
    if (found.retryAfterSeconds !== undefined) {
      reply.header('retry-after', Math.max(1, Math.ceil(found.retryAfterSeconds)));
    }
    const full = { ...found, instance: pathOf(request.url), correlationId: request.id };
    return reply
      .code(found.status)
      .header('x-correlation-id', request.id)
      .header('content-type', PROBLEM_MEDIA_TYPE)
      .serializer(JSON.stringify)
      .send(decorate(full));
  };
}

function firstProblem(mappers: readonly ProblemMapper[], error: unknown, context: ProblemContext): Problem {
  for (const mapper of mappers) {
    const found = mapper(error, context);
    if (found !== undefined) return found;
  }
  return INTERNAL_PROBLEM;
}

function logServerFailure(found: Problem, error: unknown, request: FastifyRequest): void {
  if (found.status < 500) return;
  const level = found.status === 500 ? 'error' : 'warn';
  request.log[level](
    { err: error, method: request.method, path: pathOf(request.url), status: found.status },
    found.title,
  );
}
