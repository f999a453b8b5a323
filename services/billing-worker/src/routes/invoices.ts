import { storableText } from '@headrace/postgres';
import { type HttpApp, notFound, responses } from '@headrace/service-kit';
import { orderStream } from '@headrace/shop';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { findInvoice, listInvoices } from '../database/invoices.ts';
import type { BillingTables } from '../database/tables.ts';
import { invoiceSchema, invoiceStatusSchema, presentInvoice } from './invoice-schema.ts';
import {
  cursorParameter,
  limitParameter,
  nextCursorSchema,
  orderIdParameter,
  pageOf,
  TAGS,
} from './parameters.ts';

export interface BillingReads {
  readonly db: Kysely<BillingTables>;
}

const listQuery = z.strictObject({
  status: invoiceStatusSchema.optional().describe('only invoices in this status'),
  userId: z
    .string()
    .min(1)
    .max(200)
    .transform(storableText)
    .optional()
    .describe('only invoices of this user')
    .meta({ examples: ['user-42'] }),
  limit: limitParameter,
  cursor: cursorParameter,
});

/** `GET /invoices/{orderId}` and `GET /invoices` */
export function registerInvoices(app: HttpApp, { db }: BillingReads): void {
  app.get(
    '/invoices/:orderId',
    {
      schema: {
        tags: TAGS,
        summary: 'The invoice of an order',
        params: z.object({ orderId: orderIdParameter }),
        response: responses({ 200: invoiceSchema }, 400, 404, 503),
      },
    },
    async ({ params: { orderId } }) => {
      const invoice = await findInvoice(db, orderId, orderStream(orderId));
      if (invoice === undefined) throw notFound('There is no invoice for this order.', { orderId });
      return presentInvoice(invoice);
    },
  );
  app.get(
    '/invoices',
    {
      schema: {
        tags: TAGS,
        summary: 'Invoices, newest first',
        querystring: listQuery,
        response: responses(
          { 200: z.object({ invoices: z.array(invoiceSchema), nextCursor: nextCursorSchema }) },
          400,
          503,
        ),
      },
    },
    async ({ query: { status, userId, limit, cursor } }) => {
      const rows = await listInvoices(db, { status, userId, before: cursor, limit: limit + 1 });
      const { page, nextCursor } = pageOf(rows, limit);
      return { invoices: page.map(presentInvoice), nextCursor };
    },
  );
}
