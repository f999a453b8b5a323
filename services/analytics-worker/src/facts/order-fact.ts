import type { EventEnvelope } from '@headrace/event-schema';
import { amountSchema, cancelledSchema, placedSchema } from './event-data.ts';
import { type OrderLine, orderLines } from './order-lines.ts';

interface OfOrder {
  /** Identifies the order: all of a stream's events are in one partition and in order. */
  readonly stream: string;
  /** Business time, ms since the epoch. */
  readonly atMs: number;
}

interface InCurrency extends OfOrder {
  readonly currency: string;
}

export interface PlacedFact extends InCurrency {
  readonly kind: 'placed';
  readonly userId: string;
  readonly lines: readonly OrderLine[];
}

/** What analytics takes from one event. */
export type OrderFact =
  | PlacedFact
  | (InCurrency & { readonly kind: 'paid' | 'refunded'; readonly minor: number })
  | (InCurrency & { readonly kind: 'shipped' | 'cancelled' })
  /** The event names no currency; the order knows it. */
  | (OfOrder & { readonly kind: 'delivered' });

/** The event types that {@link factOf} understands; drafts are nobody's order yet. */
export const COUNTED_EVENT_TYPES = [
  'OrderPlaced',
  'PaymentReceived',
  'OrderShipped',
  'OrderDelivered',
  'OrderCancelled',
  'OrderRefunded',
] as const;

/**
 * Reads an event; null for what is not counted: a draft that was given up.
 * @throws ZodError when the data is not what the contracts promise, so that the event is parked, not miscounted
 */
export function factOf({ stream, type, occurredAt, data }: EventEnvelope): OrderFact | null {
  const order = { stream, atMs: Date.parse(occurredAt) };
  switch (type) {
    case 'OrderPlaced': {
      const placed = placedSchema.parse(data);
      const { userId, amount } = placed;
      return { ...order, kind: 'placed', userId, currency: amount.currency, lines: orderLines(placed) };
    }
    case 'PaymentReceived':
      return { ...order, kind: 'paid', ...amountSchema.parse(data).amount };
    case 'OrderShipped':
      return { ...order, kind: 'shipped', currency: amountSchema.parse(data).amount.currency };
    case 'OrderDelivered':
      return { ...order, kind: 'delivered' };
    case 'OrderCancelled': {
      const { amount, previousStatus } = cancelledSchema.parse(data);
      return previousStatus === 'draft' ? null : { ...order, kind: 'cancelled', currency: amount.currency };
    }
    case 'OrderRefunded':
      return { ...order, kind: 'refunded', ...amountSchema.parse(data).amount };
    default:
      return null;
  }
}
