import { isTracing } from '@headrace/event-store';
import { type FastifyBaseLogger, fastify } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { registerHealthRoutes } from '../health/health-routes.ts';
import { Readiness, type ReadinessCheck } from '../health/readiness.ts';
import { measureRequests } from '../metrics/http-metrics.ts';
import { createRegistry, registerMetricsRoute } from '../metrics/registry.ts';
import { registerOpenApi } from '../openapi/register-openapi.ts';
import { createErrorResponder, type ErrorResponder } from '../problem/error-handler.ts';
import type { ProblemMapper } from '../problem/map-by-code.ts';
import type { Problem } from '../problem/problem.ts';
import { traceRequests } from '../tracing/trace-requests.ts';
import { checkHost } from './allowed-hosts.ts';
import { limitAnswerTime } from './answer-deadline.ts';
import { acceptJsonBodies } from './body.ts';
import { boundPipelining } from './bound-pipelining.ts';
import { answerClientError } from './client-error.ts';
import { refuseEncodedBodies } from './content-encoding.ts';
import { refuseExpectations } from './expectations.ts';
import type { HttpApp } from './http-app.ts';
import { rememberMethods } from './known-methods.ts';
import { allowOrigins, limitRate } from './limits.ts';
import { refuseUnexpectedBodies } from './no-body.ts';
import { checkSite } from './other-sites.ts';
import { correlationIdOf, headerProblem } from './request-context.ts';
import { RequestLog } from './request-log.ts';
import { readRestOfBodies } from './rest-of-body.ts';
import { answerOptions, answerUnmatched } from './unmatched-requests.ts';
import { validateWithZod, writeWithoutCheck } from './validation.ts';

/** A stream name has at most 256 characters; each may take three when it is percent-encoded. */
const MAX_PARAM_LENGTH = 768;
const REQUEST_TIMEOUT_MS = 30_000;

export interface HttpLimits {
  /** Names besides loopback's and addresses that this service is called by, separated by commas; see checkHost. */
  readonly allowedHosts?: string | undefined;
  /** Largest request body; default 1 MiB. */
  readonly bodyLimitBytes?: number | undefined;
  /** Longest time to receive a request and to answer it; default 30000. */
  readonly requestTimeoutMs?: number | undefined;
  /** `*` or a list separated by commas; default: no other origin may call. */
  readonly corsOrigin?: string | undefined;
  /** Requests a minute and client address, for this instance; default: no limit. */
  readonly rateLimitPerMinute?: number | undefined;
  /** Proxies whose `X-Forwarded-For` is believed, separated by commas; default: none. */
  readonly trustProxy?: string | undefined;
}

export interface HttpAppOptions extends HttpLimits {
  /** Name of the service, such as `order-api`: title of its documentation and label of its metrics. */
  readonly name: string;
  readonly version: string;
  readonly description?: string | undefined;
  readonly logger: Logger;
  /** What must answer for this service to be ready, by name; default nothing. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>> | undefined;
  /** Told with the readiness, and no reason not to send requests here: what only the service's own work needs. */
  readonly workChecks?: Readonly<Record<string, ReadinessCheck>> | undefined;
  /** Time for one readiness check in milliseconds; default 2000. */
  readonly checkTimeoutMs?: number | undefined;
  /** Domain errors' problems, asked before the kit's own map. */
  readonly problemMappers?: readonly ProblemMapper[] | undefined;
  readonly decorateProblem?: ((problem: Problem) => Problem) | undefined;
  /** For tests: checks every response against its schema and answers 500 when it differs. Default false. */
  readonly verifyResponses?: boolean | undefined;
  /** Metrics of the process, which only one app of a process should report; default true. */
  readonly processMetrics?: boolean | undefined;
}

/** The limits among the settings of `httpSettings`, in the form that buildHttpApp takes. */
export function httpLimitsOf(config: {
  readonly ALLOWED_HOSTS?: string | undefined;
  readonly BODY_LIMIT_BYTES: number;
  readonly REQUEST_TIMEOUT_MS: number;
  readonly CORS_ORIGIN?: string | undefined;
  readonly RATE_LIMIT_PER_MINUTE?: number | undefined;
  readonly TRUST_PROXY?: string | undefined;
}): HttpLimits {
  return {
    allowedHosts: config.ALLOWED_HOSTS,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    corsOrigin: config.CORS_ORIGIN,
    rateLimitPerMinute: config.RATE_LIMIT_PER_MINUTE,
    trustProxy: config.TRUST_PROXY,
  };
}

/**
 * A Fastify instance with everything that services share: zod-typed routes, correlation ids, problem details,
 * health, metrics, documentation, limits. It never listens (runService does). Register routes on the result;
 * close it in tests.
 */
export async function buildHttpApp(options: HttpAppOptions): Promise<HttpApp> {
  const respond = createErrorResponder({
    mappers: options.problemMappers,
    decorate: options.decorateProblem,
  });
  const app = createInstance(options, respond);
  const { name, version, description, logger } = options;
  const readiness = new Readiness({
    checks: options.checks ?? {},
    workChecks: options.workChecks ?? {},
    timeoutMs: options.checkTimeoutMs ?? 2000,
    logger,
  });
  const metrics = createRegistry({ service: name, version, processMetrics: options.processMetrics ?? true });
  app.decorate('readiness', readiness);
  app.decorate('metrics', metrics);

  app.setErrorHandler(respond);
  boundPipelining(app);
  if (isTracing()) traceRequests(app);
  limitAnswerTime(app, options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  checkRequests(app, options);
  refuseExpectations(app);
  readRestOfBodies(app);
  refuseEncodedBodies(app);
  acceptJsonBodies(app);
  refuseUnexpectedBodies(app);
  const others = { methodsOf: rememberMethods(app), respond, count: measureRequests(app, metrics) };
  answerOptions(app, others, options.corsOrigin !== undefined);
  if (options.corsOrigin !== undefined) await allowOrigins(app, options.corsOrigin);
  if (options.rateLimitPerMinute !== undefined) await limitRate(app, options.rateLimitPerMinute);
  answerUnmatched(app, others);
  await registerOpenApi(app, { title: name, version, description });
  registerHealthRoutes(app, readiness);
  registerMetricsRoute(app, metrics);
  return app;
}

function createInstance(options: HttpAppOptions, respond: ErrorResponder): HttpApp {
  const loggerInstance: FastifyBaseLogger = options.logger;
  const app = fastify({
    loggerInstance,
    logController: new RequestLog(options.logger),
    genReqId: correlationIdOf,
    bodyLimit: options.bodyLimitBytes ?? 1024 ** 2,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    trustProxy: options.trustProxy?.split(',').map((proxy) => proxy.trim()) ?? false,
    // checked with the name in it, so that a request without Host gets a problem too
    http: { requireHostHeader: false },
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // While stopping, requests on open connections are still answered: what they need is closed after them.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      respond(error, request, reply);
    },
    clientErrorHandler: answerClientError,
  });
  app.setValidatorCompiler(validateWithZod);
  app.setSerializerCompiler(options.verifyResponses === true ? serializerCompiler : writeWithoutCheck);
  return app.withTypeProvider<ZodTypeProvider>();
}

function checkRequests(app: HttpApp, { allowedHosts, corsOrigin }: HttpLimits): void {
  const hostProblem = checkHost(allowedHosts);
  const siteProblem = checkSite(corsOrigin);
  app.addHook('onRequest', ({ id, raw, method, headers }, reply, done) => {
    reply.header('x-correlation-id', id);
    done(hostProblem(raw) ?? siteProblem(method, headers) ?? headerProblem(headers));
  });
}
