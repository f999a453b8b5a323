import { canonicalId, definedOnly } from '@headrace/event-schema';
import { type DurableOrderCommand, ORDER_CATEGORY } from '@headrace/shop';
import type { BilledEvent, Cancelled } from './events.ts';
import type { Invoice } from './invoice.ts';

/** Who billing is in the events that its commands lead to. */
export const BILLING_ACTOR = 'billing';

/** A durable command that billing wants sent, once for each key. */
export interface OutgoingCommand {
  readonly key: string;
  readonly category: typeof ORDER_CATEGORY;
  readonly stream: string;
  readonly command: DurableOrderCommand;
  readonly meta: OutgoingMeta;
}

/** `cause` is the position of the event that led to the command; its effects are recorded after it. */
export interface OutgoingMeta {
  readonly actor: string;
  readonly cause: string;
  readonly causationId: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
}

/**
 * Asks for what a cancelled order's customer is still owed. No amount is named: a refund that somebody makes by
 * hand meanwhile must neither be repeated nor make this one too large.
 */
export function refundOfCancelled(event: Cancelled): OutgoingCommand {
  const orderId = commandedOrder(event.stream);
  return {
    // an id that is no position may be that of another stream's event too, in an old log
    key: event.id === event.position ? event.id : `${event.stream} ${event.id}`,
    category: ORDER_CATEGORY,
    stream: event.stream,
    command: {
      type: 'RefundOrder',
      data: { orderId, amount: 'remaining', reason: 'the order was cancelled' },
    },
    meta: metaOf(event.id, event.position, event.meta),
  };
}

/** What a deadline's command is made of. */
export type Overdue = Pick<Invoice, 'stream' | 'issuedBy' | 'correlationId'> & {
  readonly dueAt: string;
};

/** Asks to cancel an order whose payment deadline is over. A payment that comes in first wins. */
export function cancelOverdue({ stream, dueAt, issuedBy, ...invoice }: Overdue): OutgoingCommand {
  const orderId = commandedOrder(stream);
  const reason = `not paid by ${dueAt}`;
  return {
    key: `payment-deadline:${orderId}`,
    category: ORDER_CATEGORY,
    stream,
    command: {
      type: 'CancelOrder',
      data: { orderId, reason, userId: BILLING_ACTOR, onlyIfUnpaid: true },
    },
    meta: metaOf(issuedBy.eventId, issuedBy.position, definedOnly({ correlationId: invoice.correlationId })),
  };
}

/**
 * The id by which a command finds the order: that of its stream, whatever the event says. Events from before the log
 * compared the two may name another, and a refund must reach the order that was paid.
 */
function commandedOrder(stream: string): string {
  return canonicalId(ORDER_CATEGORY, stream);
}

function metaOf(causationId: string, cause: string, carriedOn: BilledEvent['meta']): OutgoingMeta {
  // billing asks, whoever caused that it does
  return { ...carriedOn, actor: BILLING_ACTOR, cause, causationId };
}
