import type { EventEnvelope } from '@headrace/event-schema';
import { isTracing, markFailed, remoteTrace, startSpan } from '@headrace/event-store';
import { context as contexts, type Span, trace } from '@opentelemetry/api';
import { factsOfEvent } from '../delivery/message-facts.ts';
import { consumerSpan } from './consumer-span.ts';

/** What one group does in a transaction. */
export interface TracedBatch {
  readonly group: string;
  readonly events: readonly EventEnvelope[];
}

/**
 * Runs a transaction, of one batch or of several that share it. Each event of a recorded trace gets its span there; the
 * transaction runs in the first of them, which the others link to, since it can be part of one trace only.
 */
export async function inBatchSpans<T>(
  batches: readonly TracedBatch[],
  transact: () => Promise<T>,
): Promise<T> {
  const spans = isTracing() ? startSpans(batches) : [];
  const [first] = spans;
  if (first === undefined) return await transact();
  try {
    return await contexts.with(trace.setSpan(contexts.active(), first), transact);
  } catch (error) {
    for (const span of spans) markFailed(span, error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function startSpans(batches: readonly TracedBatch[]): readonly Span[] {
  const spans: Span[] = [];
  for (const { group, events } of batches) {
    for (const event of events) {
      const facts = factsOfEvent(event);
      const parent = remoteTrace(facts.traceparent);
      if (parent === undefined) continue;
      const [first] = spans;
      const shape = consumerSpan(group, facts, { 'headrace.batch_events': events.length });
      const links = first === undefined ? {} : { links: [{ context: first.spanContext() }] };
      spans.push(startSpan(parent, { ...shape, ...links }));
    }
  }
  return spans;
}
