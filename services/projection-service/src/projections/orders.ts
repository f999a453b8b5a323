import { definedOnly } from '@headrace/event-schema';
import { column, defineProjection, nullable, type RowOf } from '@headrace/projections';
import {
  type OrderItem,
  type OrderState,
  orderContracts,
  orderFold,
  paymentTermsSchema,
} from '@headrace/shop';
import { z } from 'zod';
import { businessTimeOf } from './business-time.ts';
import { oneOf } from './one-of.ts';
import { type OrderEnvelope, streamOfEvent } from './order-events.ts';

/** Every status of an order. */
export const orderStatusSchema = z.enum([
  'draft',
  'placed',
  'paid',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
]) satisfies z.ZodType<OrderState['status']>;

const { text, bigint, timestamptz } = column;

/** Money in minor units of `currency`; times are business time. */
const columns = {
  stream: text,
  order_id: text,
  user_id: text,
  status: oneOf(orderStatusSchema),
  items: column.json<readonly OrderItem[]>(),
  amount_minor: bigint,
  paid_minor: bigint,
  refunded_minor: bigint,
  currency: text,
  payment_terms: oneOf(paymentTermsSchema),
  payment_method: nullable(text),
  email: nullable(text),
  carrier: nullable(text),
  tracking_number: nullable(text),
  signature: nullable(text),
  cancel_reason: nullable(text),
  cancelled_by: nullable(text),
  created_at: timestamptz,
  confirmed_at: nullable(timestamptz),
  placed_at: nullable(timestamptz),
  paid_at: nullable(timestamptz),
  shipped_at: nullable(timestamptz),
  delivered_at: nullable(timestamptz),
  cancelled_at: nullable(timestamptz),
  refunded_at: nullable(timestamptz),
  version: bigint,
} as const;

/** One order of the read model. `version` is that of the last event that the fold knows. */
export type OrderRow = RowOf<typeof columns>;

const order = { key: streamOfEvent, evolve };

export const orders = defineProjection({
  name: 'orders',
  version: 1,
  description: 'Each order as it is now: status, items, totals and the time of every step.',
  columns,
  key: 'stream',
  indexes: [
    ['created_at', 'stream'],
    ['user_id', 'created_at', 'stream'],
    ['status', 'created_at', 'stream'],
  ],
  events: orderContracts,
  on: {
    OrderCreated: order,
    OrderItemAdded: order,
    OrderItemRemoved: order,
    OrderConfirmed: order,
    OrderPlaced: order,
    PaymentReceived: order,
    OrderShipped: order,
    OrderDelivered: order,
    OrderCancelled: order,
    OrderRefunded: order,
  },
});

/** Folds as the write side does, so that both sides can never disagree on what an event means. */
function evolve(row: OrderRow | null, event: OrderEnvelope): OrderRow | null {
  const before = row === null ? null : stateOf(row);
  const occurredAt = businessTimeOf(event).toISOString();
  const after = orderFold.evolve(before, event, { ...event, occurredAt });
  return after === null || after === before ? row : rowOf(event.stream, after);
}

/** The state that a row stands for. */
function stateOf(row: OrderRow): OrderState {
  const { currency } = row;
  const money = (minor: number) => ({ minor, currency });
  return {
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    items: row.items,
    amount: money(row.amount_minor),
    currency,
    paymentTerms: row.payment_terms,
    paidAmount: money(row.paid_minor),
    refundedAmount: money(row.refunded_minor),
    createdAt: row.created_at.toISOString(),
    version: row.version,
    ...definedOnly({
      email: row.email ?? undefined,
      paymentMethod: row.payment_method ?? undefined,
      carrier: row.carrier ?? undefined,
      trackingNumber: row.tracking_number ?? undefined,
      signature: row.signature ?? undefined,
      cancelReason: row.cancel_reason ?? undefined,
      cancelledBy: row.cancelled_by ?? undefined,
      confirmedAt: row.confirmed_at?.toISOString(),
      placedAt: row.placed_at?.toISOString(),
      paidAt: row.paid_at?.toISOString(),
      shippedAt: row.shipped_at?.toISOString(),
      deliveredAt: row.delivered_at?.toISOString(),
      cancelledAt: row.cancelled_at?.toISOString(),
      refundedAt: row.refunded_at?.toISOString(),
    }),
  };
}

function rowOf(stream: string, state: OrderState): OrderRow {
  return {
    stream,
    order_id: state.orderId,
    user_id: state.userId,
    status: state.status,
    items: state.items,
    amount_minor: state.amount.minor,
    paid_minor: state.paidAmount.minor,
    refunded_minor: state.refundedAmount.minor,
    currency: state.currency,
    payment_terms: state.paymentTerms,
    payment_method: state.paymentMethod ?? null,
    email: state.email ?? null,
    carrier: state.carrier ?? null,
    tracking_number: state.trackingNumber ?? null,
    signature: state.signature ?? null,
    cancel_reason: state.cancelReason ?? null,
    cancelled_by: state.cancelledBy ?? null,
    created_at: new Date(state.createdAt),
    confirmed_at: dateOf(state.confirmedAt),
    placed_at: dateOf(state.placedAt),
    paid_at: dateOf(state.paidAt),
    shipped_at: dateOf(state.shippedAt),
    delivered_at: dateOf(state.deliveredAt),
    cancelled_at: dateOf(state.cancelledAt),
    refunded_at: dateOf(state.refundedAt),
    version: state.version,
  };
}

function dateOf(iso: string | undefined): Date | null {
  return iso === undefined ? null : new Date(iso);
}
