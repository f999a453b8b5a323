import type { SpanShape } from '@headrace/event-store';
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { MessageFacts } from '../delivery/message-facts.ts';

/** The span of one message's handling by a consumer group. */
export function consumerSpan(group: string, facts: MessageFacts, more: Attributes): SpanShape {
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
