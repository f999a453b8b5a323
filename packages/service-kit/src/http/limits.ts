import cors from '@fastify/cors';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { ProblemError, problem } from '../problem/problem.ts';

const EXPOSED_HEADERS = ['ETag', 'Location', 'Retry-After', 'X-Correlation-Id', 'Idempotency-Replayed'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Lets pages of other origins call this service. `origins` is `*` or a list separated by commas. */
export async function allowOrigins(app: FastifyInstance, origins: string): Promise<void> {
  const list = origins.split(',').map((origin) => origin.trim());
  await app.register(cors, {
    origin: list.includes('*') ? '*' : list,
    methods: METHODS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: 600,
  });
}

/**
 * Limits what one client address may send to this instance in a minute; counts are in memory, so n instances
 * allow n times as much. Routes with `config: { rateLimit: false }` are exempt, unknown paths are not.
 */
export async function limitRate(app: FastifyInstance, requestsPerMinute: number): Promise<void> {
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { ttl }) => {
      const retryAfterSeconds = Math.max(1, Math.ceil(ttl / 1000));
      const detail = `More than ${requestsPerMinute} requests in a minute.`;
      return new ProblemError(
        problem(429, 'rate-limited', 'Too many requests', { detail, retryAfterSeconds }),
      );
    },
  });
}
