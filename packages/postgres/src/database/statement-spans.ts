import { markFailed, startSpan } from '@headrace/event-store';
import { context as contexts, SpanKind, trace } from '@opentelemetry/api';
import type { LogEvent } from 'kysely';

/** Longer statements are cut, so that a span stays small. */
const MAX_TEXT = 2_000;

/**
 * A Kysely log that makes each statement a span of the trace in which it was run, if it was in one: by its text with
 * placeholders, never with its parameters, which are people's data.
 */
export function statementSpans(schema: string): (event: LogEvent) => void {
  return (event) => {
    const parent = contexts.active();
    if (trace.getSpan(parent)?.isRecording() !== true) return;
    const endMs = performance.timeOrigin + performance.now();
    const text = event.query.sql.trim();
    const operation = /^[a-z]+/i.exec(text)?.[0].toLowerCase() ?? 'statement';
    const span = startSpan(parent, {
      name: `postgresql ${operation}`,
      kind: SpanKind.CLIENT,
      startTime: endMs - event.queryDurationMillis,
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': schema,
        'db.operation.name': operation,
        'db.query.text': text.slice(0, MAX_TEXT),
      },
    });
    if (event.level === 'error') markFailed(span, event.error);
    span.end(endMs);
  };
}
