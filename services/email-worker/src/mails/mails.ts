import type { EventEnvelope } from '@headrace/event-schema';
import type {
  OrderCancelled,
  OrderDelivered,
  OrderPlaced,
  OrderRefunded,
  OrderShipped,
  PaymentReceived,
} from '@headrace/shop';
import type { Mail } from './mail-of-letter.ts';
import { orderCancelledMail } from './order-cancelled.ts';
import { orderDeliveredMail } from './order-delivered.ts';
import { orderPlacedMail } from './order-placed.ts';
import { orderRefundedMail } from './order-refunded.ts';
import { orderShippedMail } from './order-shipped.ts';
import { paymentReceivedMail } from './payment-received.ts';

/** The events that a customer gets a mail about. */
export type MailEvent =
  | OrderPlaced
  | PaymentReceived
  | OrderShipped
  | OrderDelivered
  | OrderCancelled
  | OrderRefunded;

export const MAIL_EVENT_TYPES: readonly MailEvent['type'][] = [
  'OrderPlaced',
  'PaymentReceived',
  'OrderShipped',
  'OrderDelivered',
  'OrderCancelled',
  'OrderRefunded',
];

/**
 * Whether an event leads to a mail. Its data was checked against the contract when it was stored, and is not
 * checked again: within a version, writers may add optional fields that this reader does not know.
 */
export function isMailEvent(event: EventEnvelope): event is EventEnvelope & MailEvent {
  return event.unreadable === undefined && MAIL_EVENT_TYPES.some((type) => type === event.type);
}

/** The mail about an event; the same for the same event. */
export function composeMail(event: MailEvent): Mail {
  switch (event.type) {
    case 'OrderPlaced':
      return orderPlacedMail(event);
    case 'PaymentReceived':
      return paymentReceivedMail(event);
    case 'OrderShipped':
      return orderShippedMail(event);
    case 'OrderDelivered':
      return orderDeliveredMail(event);
    case 'OrderCancelled':
      return orderCancelledMail(event);
    case 'OrderRefunded':
      return orderRefundedMail(event);
  }
}
