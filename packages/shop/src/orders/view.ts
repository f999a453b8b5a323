import { definedOnly } from '@headrace/event-schema';
import { z } from 'zod';
import { toDecimal } from '../money/money.ts';
import { timeInView, versionInView } from '../view.ts';
import { paymentTermsSchema } from './contracts.ts';
import { ORDER_STATUSES, type OrderState } from './state.ts';

export const orderStatusSchema = z.enum(ORDER_STATUSES);

const schema = z
  .object({
    orderId: z.string(),
    userId: z.string(),
    status: orderStatusSchema,
    items: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        quantity: z.int(),
        price: z.number().optional().describe('of one piece'),
      }),
    ),
    amount: z.number().describe('in a draft the sum of the items that have a price'),
    paidAmount: z.number(),
    refundedAmount: z.number(),
    currency: z.string(),
    paymentTerms: paymentTermsSchema,
    paymentMethod: z.string().optional(),
    email: z.string().optional(),
    carrier: z.string().optional(),
    trackingNumber: z.string().optional(),
    signature: z.string().optional(),
    cancelReason: z.string().optional(),
    cancelledBy: z.string().optional(),
    createdAt: timeInView,
    confirmedAt: timeInView.optional(),
    placedAt: timeInView.optional(),
    paidAt: timeInView.optional(),
    shippedAt: timeInView.optional(),
    deliveredAt: timeInView.optional(),
    cancelledAt: timeInView.optional(),
    refundedAt: timeInView.optional().describe('the latest refund'),
    version: versionInView,
  })
  .meta({
    id: 'OrderView',
    description: 'An order as its events add up; money as decimal numbers of its currency',
    examples: [
      {
        orderId: '7f3f2c1e-8f0b-4d55-9a35-0c8e6f1a2b3c',
        userId: 'user-42',
        status: 'shipped',
        items: [{ id: 'book-1', name: 'A Book', quantity: 2, price: 19.95 }],
        amount: 39.9,
        paidAmount: 39.9,
        refundedAmount: 0,
        currency: 'EUR',
        paymentTerms: 'prepaid',
        paymentMethod: 'card',
        carrier: 'DHL',
        trackingNumber: 'JD014600',
        createdAt: '2026-01-15T14:00:00.000Z',
        placedAt: '2026-01-15T14:00:00.000Z',
        paidAt: '2026-01-15T14:01:00.000Z',
        shippedAt: '2026-01-16T09:30:00.000Z',
        version: 3,
      },
    ],
  });

/** An order as HTTP shows it. */
export type OrderView = z.output<typeof schema>;

/** What every service shows of an order. Money becomes decimal numbers; the rest of the state is shown as it is. */
export const orderView = {
  schema,
  present: ({ items, amount, paidAmount, refundedAmount, ...rest }: OrderState): OrderView => ({
    ...rest,
    items: items.map(({ price, ...item }) => ({
      ...item,
      ...definedOnly({ price: price === undefined ? undefined : toDecimal(price) }),
    })),
    amount: toDecimal(amount),
    paidAmount: toDecimal(paidAmount),
    refundedAmount: toDecimal(refundedAmount),
  }),
} as const;
