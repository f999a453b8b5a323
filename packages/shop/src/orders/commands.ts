import { type CommandOf, defineCommand } from '@headrace/event-schema';
import { z } from 'zod';
import { aggregateIdSchema, foreignIdSchema, moneySchema, textSchema } from '../fields.ts';
import { ORDER_CATEGORY, orderStream } from './order-stream.ts';

export const refundOrder = defineCommand({
  type: 'RefundOrder',
  category: ORDER_CATEGORY,
  description: 'Give back part of what was paid, or all that remains of it.',
  schema: z.strictObject({
    orderId: aggregateIdSchema,
    amount: z.union([moneySchema, z.literal('remaining')]),
    reason: textSchema,
  }),
  streamOf: ({ orderId }) => orderStream(orderId),
});

export const cancelOrder = defineCommand({
  type: 'CancelOrder',
  category: ORDER_CATEGORY,
  description:
    'Call an order off before shipping. With `onlyIfUnpaid` a payment that came in meanwhile wins: ' +
    'that is how a payment deadline cancels.',
  schema: z.strictObject({
    orderId: aggregateIdSchema,
    reason: textSchema,
    userId: foreignIdSchema,
    onlyIfUnpaid: z.boolean().exactOptional(),
  }),
  streamOf: ({ orderId }) => orderStream(orderId),
});

/** The order commands that order-api executes from the durable command stream. */
export const orderCommandContracts = [refundOrder, cancelOrder] as const;

export type RefundOrder = CommandOf<typeof refundOrder>;
export type CancelOrder = CommandOf<typeof cancelOrder>;
export type DurableOrderCommand = RefundOrder | CancelOrder;
export type DurableOrderCommandType = DurableOrderCommand['type'];
