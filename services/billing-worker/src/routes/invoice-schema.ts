import { definedOnly } from '@headrace/event-schema';
import { type Money, toDecimal } from '@headrace/shop';
import { z } from 'zod';
import type { NumberedInvoice } from '../database/invoices.ts';
import { INVOICE_STATUSES, statusOf } from '../domain/invoice.ts';

export const invoiceStatusSchema = z.enum(INVOICE_STATUSES);

/** An invoice as clients see it: money as decimals of `currency`, times in ISO 8601 and UTC. */
export const invoiceSchema = z
  .object({
    number: z.string().describe('consecutive, without gaps'),
    orderId: z.string(),
    userId: z.string(),
    status: invoiceStatusSchema,
    paymentTerms: z.enum(['prepaid', 'on_account']),
    currency: z.string(),
    amount: z.number(),
    paid: z.number(),
    refunded: z.number(),
    issuedAt: z.iso.datetime(),
    dueAt: z.iso.datetime().optional().describe('end of the payment deadline, where there is one'),
    paidAt: z.iso.datetime().optional(),
    voidedAt: z.iso.datetime().optional(),
    correlationId: z.string().optional().describe('of the request that placed the order'),
    causationId: z.string().describe('the event that the invoice was issued for'),
    actor: z.string().optional().describe('who placed the order, as stated in X-Actor'),
    lines: z.array(
      z.object({
        itemId: z.string(),
        name: z.string(),
        quantity: z.int(),
        unitPrice: z.number().optional().describe('absent where only the whole order had a price'),
      }),
    ),
  })
  .meta({
    id: 'Invoice',
    examples: [
      {
        number: 'INV-00000042',
        orderId: '6f1c2b1e-8f0b-4d55-9a35-0c8e6f1a2b3c',
        userId: 'user-42',
        status: 'partially_refunded',
        paymentTerms: 'prepaid',
        currency: 'EUR',
        amount: 39.9,
        paid: 39.9,
        refunded: 19.95,
        issuedAt: '2026-01-15T14:00:00.000Z',
        dueAt: '2026-01-18T14:00:00.000Z',
        paidAt: '2026-01-15T14:01:00.000Z',
        correlationId: 'c0a80101-7f3f-4d55-9a35-0c8e6f1a2b3c',
        causationId: '3-1768485600000-0',
        actor: 'clerk-7',
        lines: [{ itemId: 'book-1', name: 'A Book', quantity: 2, unitPrice: 19.95 }],
      },
    ],
  });

/** The invoice in the form of `invoiceSchema`. */
export function presentInvoice(invoice: NumberedInvoice): z.output<typeof invoiceSchema> {
  const { orderId, userId, paymentTerms, amount, paid, refunded } = invoice;
  const { issuedAt, dueAt, paidAt, voidedAt, correlationId, actor, issuedBy } = invoice;
  return {
    number: `INV-${String(invoice.number).padStart(8, '0')}`,
    orderId,
    userId,
    status: statusOf(invoice),
    paymentTerms,
    currency: amount.currency,
    amount: toDecimal(amount),
    paid: toDecimal(paid),
    refunded: toDecimal(refunded),
    issuedAt,
    ...definedOnly({ dueAt, paidAt, voidedAt, correlationId, actor }),
    causationId: issuedBy.eventId,
    lines: invoice.lines.map(({ itemId, name, quantity, unitPrice }) => ({
      itemId,
      name,
      quantity,
      ...definedOnly({ unitPrice: decimalOf(unitPrice) }),
    })),
  };
}

function decimalOf(money: Money | undefined): number | undefined {
  return money === undefined ? undefined : toDecimal(money);
}
