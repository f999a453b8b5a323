import { defineEvent, type EventOf, nextVersion } from '@headrace/event-schema';
import { z } from 'zod';
import {
  currencySchema,
  emailSchema,
  foreignIdSchema,
  moneySchema,
  nameSchema,
  textSchema,
} from '../fields.ts';
import { toMinorRounded } from '../money/money.ts';
import { ORDER_CATEGORY, orderIdSchema } from './order-stream.ts';

const category = ORDER_CATEGORY;

/** Different items of one order. */
export const MAX_ORDER_ITEMS = 500;
/** Pieces of one item in one order. */
export const MAX_ITEM_QUANTITY = 1_000_000;

const quantitySchema = z.int().min(1).max(MAX_ITEM_QUANTITY);

/** One line of an order; `price` is for one piece. */
export const orderItemSchema = z.strictObject({
  id: foreignIdSchema,
  name: nameSchema,
  quantity: quantitySchema,
  price: moneySchema.exactOptional(),
});
export type OrderItem = z.infer<typeof orderItemSchema>;

/** `prepaid` ships after payment; `on_account` may ship before it. */
export const paymentTermsSchema = z.enum(['prepaid', 'on_account']);
export type PaymentTerms = z.infer<typeof paymentTermsSchema>;

/** On every event: whose order it is. */
const ownership = { orderId: orderIdSchema, userId: foreignIdSchema };
/** On every event that leads to a mail. */
const customer = { ...ownership, email: emailSchema.exactOptional() };

export const orderCreated = defineEvent({
  type: 'OrderCreated',
  category,
  description: 'A draft was opened; its items may still change.',
  schema: z.strictObject({ ...customer, currency: currencySchema, paymentTerms: paymentTermsSchema }),
});

export const orderItemAdded = defineEvent({
  type: 'OrderItemAdded',
  category,
  description: 'Pieces of an item were put into a draft; an item already there gains `item.quantity`.',
  schema: z.strictObject({ ...ownership, item: orderItemSchema }),
});

export const orderItemRemoved = defineEvent({
  type: 'OrderItemRemoved',
  category,
  description: 'All pieces of an item were taken out of a draft.',
  schema: z.strictObject({ ...ownership, itemId: foreignIdSchema }),
});

export const orderConfirmed = defineEvent({
  type: 'OrderConfirmed',
  category,
  description: 'A draft became final. `OrderPlaced` always follows in the same append.',
  schema: z.strictObject({ ...ownership, amount: moneySchema }),
});

const decimalItemSchema = z.strictObject({
  id: foreignIdSchema,
  name: nameSchema,
  quantity: quantitySchema.exactOptional(),
  price: z.number().min(0).exactOptional(),
});
const decimalOrder = {
  ...ownership,
  items: z.array(decimalItemSchema).max(MAX_ORDER_ITEMS),
  amount: z.number().min(0),
};

const orderPlacedV1 = defineEvent({
  type: 'OrderPlaced',
  category,
  description: 'A customer ordered, directly or by confirming a draft.',
  schema: z.strictObject(decimalOrder),
});

const orderPlacedV2 = nextVersion(
  orderPlacedV1,
  z.strictObject({ ...decimalOrder, currency: currencySchema }),
  (data) => ({ ...data, currency: 'USD' }),
);

export const orderPlaced = nextVersion(
  orderPlacedV2,
  z.strictObject({
    ...customer,
    items: z.array(orderItemSchema).max(MAX_ORDER_ITEMS),
    amount: moneySchema,
    paymentTerms: paymentTermsSchema,
  }),
  ({ orderId, userId, items, amount, currency }) => ({
    orderId,
    userId,
    items: items.map(({ id, name, quantity, price }) => ({
      id,
      name,
      quantity: quantity ?? 1,
      ...(price === undefined ? {} : { price: toMinorRounded(price, currency) }),
    })),
    amount: toMinorRounded(amount, currency),
    paymentTerms: 'prepaid' as const,
  }),
);

export const paymentReceived = defineEvent({
  type: 'PaymentReceived',
  category,
  description: 'The order was paid, whole and once.',
  schema: z.strictObject({
    ...customer,
    amount: moneySchema,
    paymentMethod: nameSchema,
    paymentTerms: paymentTermsSchema,
  }),
});

export const orderShipped = defineEvent({
  type: 'OrderShipped',
  category,
  description: 'The goods left; `amount` is what the order is worth, whether paid yet or not.',
  schema: z.strictObject({
    ...customer,
    amount: moneySchema,
    paymentTerms: paymentTermsSchema,
    carrier: nameSchema.exactOptional(),
    trackingNumber: nameSchema,
  }),
});

export const orderDelivered = defineEvent({
  type: 'OrderDelivered',
  category,
  description: 'The goods reached the customer.',
  schema: z.strictObject({ ...customer, signature: textSchema.exactOptional() }),
});

export const orderCancelled = defineEvent({
  type: 'OrderCancelled',
  category,
  description:
    'The order was called off before shipping. `paidAmount - refundedTotal` is still owed to the customer; ' +
    'a `draft` was never placed, so nothing was invoiced.',
  schema: z.strictObject({
    ...customer,
    previousStatus: z.enum(['draft', 'placed', 'paid']),
    amount: moneySchema,
    paidAmount: moneySchema,
    refundedTotal: moneySchema,
    paymentTerms: paymentTermsSchema,
    reason: textSchema,
    cancelledBy: foreignIdSchema,
  }),
});

export const orderRefunded = defineEvent({
  type: 'OrderRefunded',
  category,
  description:
    'Money was given back: `amount` by this event, `refundedTotal` with it; `full` when nothing that was paid is left.',
  schema: z.strictObject({
    ...customer,
    amount: moneySchema,
    paidAmount: moneySchema,
    refundedTotal: moneySchema,
    full: z.boolean(),
    reason: textSchema,
  }),
});

/** Every contract of category `order`. */
export const orderContracts = [
  orderCreated,
  orderItemAdded,
  orderItemRemoved,
  orderConfirmed,
  orderPlaced,
  paymentReceived,
  orderShipped,
  orderDelivered,
  orderCancelled,
  orderRefunded,
] as const;

export type OrderCreated = EventOf<typeof orderCreated>;
export type OrderItemAdded = EventOf<typeof orderItemAdded>;
export type OrderItemRemoved = EventOf<typeof orderItemRemoved>;
export type OrderConfirmed = EventOf<typeof orderConfirmed>;
export type OrderPlaced = EventOf<typeof orderPlaced>;
export type PaymentReceived = EventOf<typeof paymentReceived>;
export type OrderShipped = EventOf<typeof orderShipped>;
export type OrderDelivered = EventOf<typeof orderDelivered>;
export type OrderCancelled = EventOf<typeof orderCancelled>;
export type OrderRefunded = EventOf<typeof orderRefunded>;

export type OrderEvent = EventOf<(typeof orderContracts)[number]>;
