import { definedOnly } from '@headrace/event-schema';
import type { Queryable } from '@headrace/projections';
import { cursorOf, encodeCursor } from '@headrace/service-kit';
import { type Money, orderIdSchema, toDecimal } from '@headrace/shop';
import { sql } from 'kysely';
import { z } from 'zod';
import { type OrderRow, orderStatusSchema } from '../projections/orders.ts';
import { pageOf, textInCursor } from './cursor.ts';
import { commonParameters, limitUpTo, momentParameter, textParameter } from './parameters.ts';

const placeSchema = z.tuple([momentParameter, textInCursor]);

export const ordersParameters = z
  .strictObject({
    orderId: orderIdSchema.optional().describe('one order; stands alone'),
    userId: textParameter.optional().describe('only orders of this user'),
    status: orderStatusSchema.optional().describe('only orders in this status'),
    limit: limitUpTo(200, 50),
    cursor: cursorOf(placeSchema).optional(),
    ...commonParameters,
  })
  .refine(
    ({ orderId, userId, status, cursor }) =>
      orderId === undefined || (userId ?? status ?? cursor) === undefined,
    { path: ['orderId'], message: 'names one order; leave out userId, status and cursor' },
  );

type ListParameters = Pick<z.output<typeof ordersParameters>, 'userId' | 'status' | 'limit' | 'cursor'>;

const itemSchema = z.object({
  id: z.string(),
  name: z.string(),
  quantity: z.int(),
  price: z.number().optional().describe('of one piece'),
});

const timestamp = z.iso.datetime();

/** An order as clients see it: money as decimals of `currency`, times in ISO 8601 and UTC. */
export const orderSchema = z
  .object({
    orderId: z.string(),
    userId: z.string(),
    status: orderStatusSchema,
    items: z.array(itemSchema),
    amount: z.number(),
    paidAmount: z.number(),
    refundedAmount: z.number(),
    currency: z.string(),
    paymentTerms: z.enum(['prepaid', 'on_account']),
    paymentMethod: z.string().optional(),
    email: z.string().optional(),
    carrier: z.string().optional(),
    trackingNumber: z.string().optional(),
    signature: z.string().optional(),
    cancelReason: z.string().optional(),
    cancelledBy: z.string().optional(),
    createdAt: timestamp,
    confirmedAt: timestamp.optional(),
    placedAt: timestamp.optional(),
    paidAt: timestamp.optional(),
    shippedAt: timestamp.optional(),
    deliveredAt: timestamp.optional(),
    cancelledAt: timestamp.optional(),
    refundedAt: timestamp.optional().describe('the latest refund'),
    version: z.int().describe('version of the last event of its stream that is in here'),
  })
  .meta({
    id: 'OrderView',
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

export type OrderView = z.output<typeof orderSchema>;

/** The order that a stream holds; undefined where the read model has none. */
export async function findOrder(
  { db }: Queryable,
  table: string,
  stream: string,
): Promise<OrderRow | undefined> {
  const { rows } = await sql<OrderRow>`select * from ${sql.table(table)} where stream = ${stream}`.execute(
    db,
  );
  return rows[0];
}

/** A page of orders, newest first. */
export async function listOrders(
  { db }: Queryable,
  table: string,
  { userId, status, limit, cursor }: ListParameters,
) {
  const conditions = [sql`true`];
  if (userId !== undefined) conditions.push(sql`user_id = ${userId}`);
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (cursor !== undefined)
    conditions.push(sql`(created_at, stream) < (${cursor[0]}::timestamptz, ${cursor[1]})`);
  const { rows } = await sql<OrderRow>`
    select * from ${sql.table(table)} where ${sql.join(conditions, sql` and `)}
    order by created_at desc, stream desc limit ${limit + 1}`.execute(db);
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map(presentOrder),
    nextCursor: last === undefined ? null : encodeCursor([last.created_at.toISOString(), last.stream]),
  };
}

/** Leaves out what the order does not have, as the write side does. */
export function presentOrder(row: OrderRow): OrderView {
  const { currency } = row;
  const decimal = (minor: number) => toDecimal({ minor, currency });
  return {
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    items: row.items.map(({ price, ...item }) => ({ ...item, ...definedOnly({ price: decimalOf(price) }) })),
    amount: decimal(row.amount_minor),
    paidAmount: decimal(row.paid_minor),
    refundedAmount: decimal(row.refunded_minor),
    currency,
    paymentTerms: row.payment_terms,
    ...definedOnly({
      paymentMethod: row.payment_method ?? undefined,
      email: row.email ?? undefined,
      carrier: row.carrier ?? undefined,
      trackingNumber: row.tracking_number ?? undefined,
      signature: row.signature ?? undefined,
      cancelReason: row.cancel_reason ?? undefined,
      cancelledBy: row.cancelled_by ?? undefined,
    }),
    ...timesOf(row),
    version: row.version,
  };
}

function timesOf(row: OrderRow) {
  return {
    createdAt: row.created_at.toISOString(),
    ...definedOnly({
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

function decimalOf(money: Money | undefined): number | undefined {
  return money === undefined ? undefined : toDecimal(money);
}
