import type { Logger } from 'pino';

/** What is recorded and where it goes: of the settings in `tracingSettings` and `httpSettings`. */
export interface TracingConfig {
  readonly INSTANCE_ID: string;
  /** Base URL of an OTLP/HTTP receiver, without `/v1/traces`; it may hold a password. Absent: nothing is recorded. */
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  /** Share of the traces begun here that are recorded, 0 to 1. */
  readonly OTEL_TRACES_SAMPLER_ARG: number;
}

export interface TracedService {
  /** Such as `order-api`. */
  readonly name: string;
  readonly version: string;
  /** Told of spans that could not be sent, once a minute for each reason. */
  readonly logger: Logger;
}

/** Tracing of this process. */
export interface Tracing {
  /** Sends what is left, for `timeoutMs` at most, and ends tracing. Never rejects. */
  stop(timeoutMs: number): Promise<void>;
}

/**
 * Records OpenTelemetry traces of this process, if there is somewhere to send them; else the SDK is not even loaded.
 * To be called before stores, databases, consumers and the HTTP app are made: they look once whether there is tracing.
 */
export async function startTracing(config: TracingConfig, service: TracedService): Promise<Tracing> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return { stop: () => Promise.resolve() };
  const { startSdk } = await import('./sdk.ts');
  return startSdk(endpoint, config, service);
}
