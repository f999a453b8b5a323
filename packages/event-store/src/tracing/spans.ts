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

/** How a span is begun. Names are few, what differs each time is in the attributes. */
export interface SpanShape {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly links?: readonly Link[];
  /** ms since the epoch, for what has begun before; default now. */
  readonly startTime?: number;
}

/**
 * Whether this process takes part in traces. Without an OpenTelemetry SDK nobody has registered how a trace is passed
 * on, and everything about spans can be left out. To be asked once, when things are made; so the SDK comes first.
 */
export function isTracing(): boolean {
  return propagation.fields().length > 0;
}

/** The trace that a message brings along, if it is one that is recorded; undefined without an SDK. */
export function remoteTrace(traceparent: string | undefined): Context | undefined {
  if (traceparent === undefined) return undefined;
  const remote = propagation.extract(ROOT_CONTEXT, { traceparent });
  const flags = trace.getSpanContext(remote)?.traceFlags ?? TraceFlags.NONE;
  return (flags & TraceFlags.SAMPLED) === 0 ? undefined : remote;
}

/** The trace that the caller's work belongs to: that of the span it runs in, else the one that came with the request. */
export function currentTrace(traceparent: string | undefined): Context | undefined {
  const active = contexts.active();
  return trace.getSpan(active)?.isRecording() === true ? active : remoteTrace(traceparent);
}

/** A span below `parent`, for the caller to end. */
export function startSpan(parent: Context, { name, links, ...shape }: SpanShape): Span {
  const options = links === undefined ? shape : { ...shape, links: [...links] };
  return trace.getTracer('headrace').startSpan(name, options, parent);
}

/** Runs `work` in a span of its own below `parent`; spans that it begins are below that one. */
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

/** Says what kind of failure it was and no more: messages quote rows, addresses and passwords. */
export function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  if (!(error instanceof Error)) return;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  span.setAttribute('error.type', code);
}

/** What a message carries so that its receivers' spans are below this one (https://www.w3.org/TR/trace-context/). */
export function traceparentOf(span: Span): string {
  const carrier: { traceparent?: string } = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier);
  return carrier.traceparent ?? '';
}
