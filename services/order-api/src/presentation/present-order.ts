import { definedOnly } from '@headrace/event-schema';
import { type OrderState, paymentTermsSchema, toDecimal } from '@headrace/shop';
import { z } from 'zod';
import { LATEST_EVENTS, type LatestHistory } from '../history/latest.ts';
import { statusSchema } from './order-answer.ts';

const time = z.string().optional().describe('ISO 8601');

export const orderSchema = z
  .object({
    orderId: z.string(),
    userId: z.string(),
    status: statusSchema,
    items: z.array(
      z.object({ id: z.string(), name: z.string(), quantity: z.int(), price: z.number().optional() }),
    ),
    amount: z.number().describe('in a draft the sum of the items that have a price'),
    currency: z.string(),
    email: z.string().optional(),
    paymentTerms: paymentTermsSchema,
    paymentMethod: z.string().optional(),
    paidAmount: z.number(),
    refundedAmount: z.number(),
    carrier: z.string().optional(),
    trackingNumber: z.string().optional(),
    signature: z.string().optional(),
    cancelReason: z.string().optional(),
    cancelledBy: z.string().optional(),
    createdAt: z.string(),
    confirmedAt: time,
    placedAt: time,
    paidAt: time,
    shippedAt: time,
    deliveredAt: time,
    cancelledAt: time,
    refundedAt: time,
    version: z.int(),
    history: z
      .array(z.object({ type: z.string(), timestamp: z.string(), eventId: z.string() }))
      .describe(
        `its last ${LATEST_EVENTS} events, oldest first; all are at /orders/{id}/history, page by page`,
      ),
    hasEarlierHistory: z
      .literal(true)
      .optional()
      .describe(`there where the order has more than ${LATEST_EVENTS} events`),
  })
  .meta({ id: 'Order', description: 'An order as its events add up; money as decimal numbers' });

/** An order as HTTP shows it. */
export type PresentedOrder = z.output<typeof orderSchema>;

/** Money becomes decimal numbers; `version` is the stream's, which may hold events that the fold does not know. */
export function presentOrder(
  state: OrderState,
  version: number,
  { entries, hasEarlier }: LatestHistory,
): PresentedOrder {
  const { items, amount, paidAmount, refundedAmount, ...rest } = state;
  return {
    ...rest,
    items: items.map(({ price, ...item }) => ({
      ...item,
      ...definedOnly({ price: price === undefined ? undefined : toDecimal(price) }),
    })),
    amount: toDecimal(amount),
    paidAmount: toDecimal(paidAmount),
    refundedAmount: toDecimal(refundedAmount),
    version,
    history: [...entries],
    ...definedOnly({ hasEarlierHistory: hasEarlier ? (true as const) : undefined }),
  };
}
