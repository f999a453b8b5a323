export { DeadlineExceededError, within } from '@headrace/event-store';
export type { Logger } from 'pino';
export { Counter, Gauge, Histogram } from 'prom-client';
export type { ConfigProblem, Environment } from './config/environment.ts';
export { defaultInstanceId } from './config/instance-id.ts';
export { ConfigError, loadConfig } from './config/load-config.ts';
export type { ServiceConfig } from './config/settings.ts';
export {
  consumerSettings,
  databaseSettings,
  flag,
  httpSettings,
  schemaSetting,
  serviceSettings,
  storeOptionsOf,
  storeSettings,
  tracingSettings,
  urlOf,
  wholeNumber,
} from './config/settings.ts';
export { registerConsumerRoutes } from './consumer-routes/register-consumer-routes.ts';
export type { CheckResult, ReadinessCheck, ReadinessReport } from './health/readiness.ts';
export { Readiness } from './health/readiness.ts';
export type { HttpAppOptions, HttpLimits } from './http/build-http-app.ts';
export { buildHttpApp, httpLimitsOf } from './http/build-http-app.ts';
export type { ServiceAppDeps, ServiceAppOptions } from './http/build-service-app.ts';
export { buildServiceApp } from './http/build-service-app.ts';
export { cursorOf, encodeCursor } from './http/cursor.ts';
export type { HttpApp } from './http/http-app.ts';
export type { HeaderSink } from './http/preconditions.ts';
export {
  entityTag,
  expectedVersionOf,
  markReplayed,
  markWritten,
  pinnedBy,
  setEntityTag,
} from './http/preconditions.ts';
export type { RequestContext, RequestLike } from './http/request-context.ts';
export { requestContext } from './http/request-context.ts';
export { configOrExit } from './lifecycle/config-or-exit.ts';
export type { ServiceOptions } from './lifecycle/run-service.ts';
export { runService } from './lifecycle/run-service.ts';
export type {
  Background,
  DatabaseDefinition,
  Service,
  ServiceDatabase,
  ServiceDefinition,
  ServiceParts,
} from './lifecycle/service.ts';
export { createService } from './lifecycle/service.ts';
export { startService } from './lifecycle/start-service.ts';
export type { UntilAvailableOptions } from './lifecycle/until-available.ts';
export { untilAvailable } from './lifecycle/until-available.ts';
export type { LogOptions } from './logging/create-logger.ts';
export { createLogger } from './logging/create-logger.ts';
export { createFailureLog } from './logging/failure-log.ts';
export { createParkedLog } from './logging/parked-log.ts';
export type { SerializedError } from './logging/serialize-error.ts';
export { serializeError } from './logging/serialize-error.ts';
export { registerConsumerMetrics } from './metrics/consumer-metrics.ts';
export type { MeasuredStore } from './metrics/store-metrics.ts';
export { registerStoreMetrics } from './metrics/store-metrics.ts';
export type { ProblemStatus } from './openapi/responses.ts';
export { problemResponse, responses } from './openapi/responses.ts';
export { isConnectionFailure } from './problem/connection-failure.ts';
export { domainProblems } from './problem/domain-problems.ts';
export type { ProblemContext, ProblemMapper, ProblemRule } from './problem/map-by-code.ts';
export { mapByCode } from './problem/map-by-code.ts';
export type { Problem, ProblemIssue, ProblemMembers, RequestPart } from './problem/problem.ts';
export {
  badRequest,
  InvalidRequestError,
  notFound,
  ProblemError,
  problem,
  problemSchema,
  unprocessable,
} from './problem/problem.ts';
export type { TracedService, Tracing, TracingConfig } from './tracing/start-tracing.ts';
export { startTracing } from './tracing/start-tracing.ts';
