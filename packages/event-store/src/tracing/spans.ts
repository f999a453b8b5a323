import {
  type Attributes,
  type Context,
  context as contexts,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

/** How a span starts. Names are few and fixed; what varies is in the attributes. */
export interface SpanShape {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly links?: readonly Link[];
  /** ms since the epoch, for work that began earlier; default now. */
  readonly startTime?: number;
}

/**
 * Whether an OpenTelemetry SDK is registered; without one, all work on spans can be left out. Ask once, when objects are
 * created, after the SDK has started.
 */
export function isTracing(): boolean {
  return propagation.fields().length > 0;
}

/** The trace that a message carries, if it is sampled; undefined without an SDK. */
export function remoteTrace(traceparent: string | undefined): Context | undefined {
  if (traceparent === undefined) return undefined;
  const remote = propagation.extract(ROOT_CONTEXT, { traceparent });
  const flags = trace.getSpanContext(remote)?.traceFlags ?? TraceFlags.NONE;
  return (flags & TraceFlags.SAMPLED) === 0 ? undefined : remote;
}

/** The trace of the current span, else the one that came with the request. */
export function currentTrace(traceparent: string | undefined): Context | undefined {
  const active = contexts.active();
  return trace.getSpan(active)?.isRecording() === true ? active : remoteTrace(traceparent);
}

/** Starts a child span of `parent`; the caller ends it. */
export function startSpan(parent: Context, { name, links, ...shape }: SpanShape): Span {
  const options = links === undefined ? shape : { ...shape, links: [...links] };
  return trace.getTracer('headrace').startSpan(name, options, parent);
}

/** Runs `work` in a child span of `parent`; spans that it starts are children of that one. */
export async function inSpan<T>(
  parent: Context,
  shape: SpanShape,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = startSpan(parent, shape);
  try {
    return await contexts.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Records the kind of failure only: messages can quote rows, addresses and passwords. */
export function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  if (!(error instanceof Error)) return;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  span.setAttribute('error.type', code);
}

/** What a message carries so that its receivers' spans are children of `span` (https://www.w3.org/TR/trace-context/). */
export function traceparentOf(span: Span): string {
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  return carrier.traceparent ?? '';
}
