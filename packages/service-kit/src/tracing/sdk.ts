import { within } from '@headrace/event-store';
import {
  context as contexts,
  type DiagLogger,
  DiagLogLevel,
  diag,
  propagation,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { createFailureLog } from '../logging/failure-log.ts';
import type { TracedService, Tracing, TracingConfig } from './start-tracing.ts';

/** Spans that wait to be sent; what does not fit is dropped, and nobody waits for it. */
const MAX_QUEUED_SPANS = 4_096;
const MAX_SPANS_PER_REQUEST = 512;
const SEND_EVERY_MS = 1_000;
const SEND_TIMEOUT_MS = 5_000;

/** Only imported where traces are recorded: this is what loads the OpenTelemetry SDK. */
export function startSdk(endpoint: string, config: TracingConfig, service: TracedService): Tracing {
  const report = createFailureLog(service.logger, 'traces could not be sent');
  diag.setLogger(warningsTo(report), DiagLogLevel.WARN);
  setGlobalErrorHandler(report);
  const provider = providerFor(endpoint, config, service);
  contexts.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    stop: async (timeoutMs) => {
      // first, so that nothing is begun that would not be sent any more
      for (const api of [trace, propagation, contexts]) api.disable();
      await within(timeoutMs, () => provider.shutdown()).catch(report);
      diag.disable();
    },
  };
}

function providerFor(
  endpoint: string,
  config: TracingConfig,
  { name, version }: TracedService,
): TracerProvider {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: SEND_TIMEOUT_MS,
  });
  return new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': name,
      'service.namespace': 'headrace',
      'service.instance.id': config.INSTANCE_ID,
      'service.version': version,
    }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: MAX_QUEUED_SPANS,
        maxExportBatchSize: MAX_SPANS_PER_REQUEST,
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
}

/** Only the message: what the SDK hands over beside it may be a whole request with its headers. */
function warningsTo(report: (error: unknown) => void): DiagLogger {
  const ignore = (): void => undefined;
  const warn = (message: string): void => report(new Error(message));
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}
