import { inSpan, remoteTrace } from '@headrace/event-store';
import type { Inbox } from '../acknowledged/inbox.ts';
import { consumerSpan } from './consumer-span.ts';

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
