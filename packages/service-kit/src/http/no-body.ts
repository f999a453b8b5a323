import type { FastifyInstance, RouteOptions } from 'fastify';
import { badRequest, type ProblemError } from '../problem/problem.ts';

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const MAX_ISSUES = 50;

/**
 * Refuses a body where a route describes none, so that nobody takes for done what was never looked at. `{}` is as good
 * as no body: some clients send it with every POST. To be called before routes are registered.
 */
export function refuseUnexpectedBodies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (route.schema?.body !== undefined || ![route.method].flat().some(mayHaveBody)) return;
    const expected = expectationOf(route);
    const earlier = route.preValidation ?? [];
    route.preValidation = [
      (request, _reply, done) =>
        done(isNothing(request.body) ? undefined : unexpected(request.body, expected)),
      ...(Array.isArray(earlier) ? earlier : [earlier]),
    ];
  });
}

function mayHaveBody(method: string): boolean {
  return METHODS_WITH_BODY.has(method.toUpperCase());
}

/** In words, from the query that the route describes as a zod object. */
function expectationOf({ method, url, schema }: RouteOptions): string {
  const query = schema?.querystring;
  const shape = typeof query === 'object' && query !== null && 'shape' in query ? query.shape : undefined;
  const names = Object.keys(shape ?? {});
  const where = names.length === 0 ? '.' : `; its parameters are in the query: ${names.join(', ')}.`;
  return `${method} ${url} takes no body${where}`;
}

function isNothing(body: unknown): boolean {
  if (body === undefined) return true;
  return isObject(body) && Object.keys(body).length === 0;
}

function unexpected(body: unknown, expected: string): ProblemError {
  const paths = isObject(body) ? Object.keys(body).slice(0, MAX_ISSUES) : [''];
  const errors = paths.map((path) => {
    return {
      in: 'body' as const,
      path,
      message: path === '' ? 'must be left out, or {}' : 'is not a known field',
    };
  });
  return badRequest(expected, { errors });
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
