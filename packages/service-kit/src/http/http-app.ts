import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import type { Readiness } from '../health/readiness.ts';

/** A Fastify instance whose routes take their types from zod schemas. */
export type HttpApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Decides what `/health/ready` answers; the lifecycle moves it through start and stop. */
    readonly readiness: Readiness;
    /** Metrics of this app; add more with `registers: [app.metrics]`. */
    readonly metrics: Registry;
  }
}
