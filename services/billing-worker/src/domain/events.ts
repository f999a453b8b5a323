import { definedOnly, type EventEnvelope, isStreamName } from '@headrace/event-schema';
import { MAX_MINOR } from '@headrace/shop';
import { z } from 'zod';

// What billing reads of an order's events. Deliberately looser than the contracts: a field that billing does not
// use, added later, must not stop an invoice, nor must a currency that has been withdrawn since.

/**
 * JSON strings may hold NUL characters and lone surrogates, which PostgreSQL cannot store; the replacement
 * character stands for them, so that no name can keep an order from being invoiced.
 */
const text = z.string().transform((value) => value.toWellFormed().replaceAll('\0', '\uFFFD'));
/** Meta is checked by nobody when it is written; what is no text is left out. */
const metaText = text.optional().catch(undefined);
const metaSchema = z.object({ correlationId: metaText, actor: metaText, traceparent: metaText });
const money = z.object({
  minor: z.int().min(0).max(MAX_MINOR),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
const order = { orderId: z.string().max(200).refine(isStreamName, 'is no id'), userId: text };

const billedEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('OrderPlaced'),
    data: z.object({
      ...order,
      amount: money,
      paymentTerms: z.enum(['prepaid', 'on_account']),
      items: z.array(
        z.object({
          id: text,
          name: text,
          quantity: z.int().min(1),
          price: money.exactOptional(),
        }),
      ),
    }),
  }),
  z.object({ type: z.literal('PaymentReceived'), data: z.object({ ...order, amount: money }) }),
  z.object({
    type: z.literal('OrderCancelled'),
    data: z.object({ ...order, previousStatus: z.enum(['draft', 'placed', 'paid']) }),
  }),
  z.object({ type: z.literal('OrderRefunded'), data: z.object({ ...order, amount: money }) }),
]);

/** Where an event stands and when its business happened. */
interface Occurrence {
  readonly id: string;
  readonly position: string;
  readonly stream: string;
  /** ISO 8601 business time. */
  readonly occurredAt: string;
  /** ISO 8601, by Redis's clock. */
  readonly recordedAt: string;
  readonly meta: {
    readonly correlationId?: string;
    readonly actor?: string;
    readonly traceparent?: string;
  };
}

/** An event that billing acts on. */
export type BilledEvent = z.infer<typeof billedEventSchema> & Occurrence;
type OfType<Type extends BilledEvent['type']> = Extract<BilledEvent, { readonly type: Type }>;
export type Placed = OfType<'OrderPlaced'>;
export type Paid = OfType<'PaymentReceived'>;
export type Cancelled = OfType<'OrderCancelled'>;
export type Refunded = OfType<'OrderRefunded'>;

/** The event types of `BilledEvent`. */
export const BILLED_TYPES = ['OrderPlaced', 'PaymentReceived', 'OrderCancelled', 'OrderRefunded'] as const;

/** An order event without what billing needs of it; nothing is posted on a guess. */
export class UnbillableEventError extends Error {
  readonly code = 'UNBILLABLE_EVENT';
  readonly eventId: string;
  constructor(event: EventEnvelope, reason: string) {
    super(`${event.type} ${event.id} cannot be billed: ${reason}`);
    this.name = 'UnbillableEventError';
    this.eventId = event.id;
  }
}

/**
 * Checks and narrows an event of the log.
 * @throws UnbillableEventError
 */
export function billedEvent(event: EventEnvelope): BilledEvent {
  const { id, position, stream, recordedAt } = event;
  const meta = definedOnly(metaSchema.parse(event.meta));
  const parsed = billedEventSchema.safeParse({ type: event.type, data: event.data });
  if (!parsed.success) throw new UnbillableEventError(event, z.prettifyError(parsed.error));
  // `occurredAt` may carry any offset or format that a date parses from.
  const occurredAt = new Date(event.occurredAt).toISOString();
  return { ...parsed.data, id, position, stream, occurredAt, recordedAt, meta };
}
