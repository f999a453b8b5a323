import type { EventEnvelope } from '@headrace/event-schema';
import { inSpan, markFailed, remoteTrace, type SpanShape, startSpan } from '@headrace/event-store';
import { type Attributes, context as contexts, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { Inbox } from '../acknowledged/inbox.ts';
import { factsOfEvent, type MessageFacts } from '../delivery/message-facts.ts';

/** An inbox each of whose messages is handled in a span of the trace it came with; every attempt has its own. */
export function tracedInbox<Message>(inbox: Inbox<Message>, group: string): Inbox<Message> {
  return {
    ...inbox,
    handle: async (message, delivery) => {
      const facts = inbox.factsOf(message);
      const parent = remoteTrace(facts.traceparent);
      if (parent === undefined) return await inbox.handle(message, delivery);
      const shape = consumerSpan(group, facts, delivery.redelivered ? { 'headrace.redelivered': true } : {});
      await inSpan(parent, shape, () => inbox.handle(message, delivery));
    },
  };
}

/**
 * Runs what is done with a batch of events at once. Each event of a recorded trace gets its span there; the work
 * runs in the first one's, which the others link to, since a database transaction can be part of one trace only.
 */
export async function inBatchSpans<T>(
  group: string,
  events: readonly EventEnvelope[],
  work: () => Promise<T>,
): Promise<T> {
  const spans = batchSpans(group, events);
  const [first] = spans;
  if (first === undefined) return await work();
  try {
    return await contexts.with(trace.setSpan(contexts.active(), first), work);
  } catch (error) {
    for (const span of spans) markFailed(span, error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function batchSpans(group: string, events: readonly EventEnvelope[]): readonly Span[] {
  const spans: Span[] = [];
  for (const event of events) {
    const facts = factsOfEvent(event);
    const parent = remoteTrace(facts.traceparent);
    if (parent === undefined) continue;
    const [first] = spans;
    const shape = consumerSpan(group, facts, { 'headrace.batch_events': events.length });
    const links = first === undefined ? {} : { links: [{ context: first.spanContext() }] };
    spans.push(startSpan(parent, { ...shape, ...links }));
  }
  return spans;
}

function consumerSpan(group: string, facts: MessageFacts, more: Attributes): SpanShape {
  const { kind, id, type, stream, partition } = facts;
  return {
    name: `${group} ${type}`,
    kind: SpanKind.CONSUMER,
    attributes: {
      'headrace.group': group,
      'headrace.partition': partition,
      'headrace.stream': stream,
      [`headrace.${kind}_id`]: id,
      [`headrace.${kind}_type`]: type,
      ...more,
    },
  };
}
