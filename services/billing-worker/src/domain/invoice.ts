import { type Money, type PaymentTerms, subtractMoney } from '@headrace/shop';

export const INVOICE_STATUSES = ['open', 'paid', 'partially_refunded', 'refunded', 'void'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** One line of an invoice; `unitPrice` is absent where only the whole order had a price. */
export interface InvoiceLine {
  readonly itemId: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice?: Money;
}

/**
 * What an order is billed as. An order is its stream: one invoice for each. Times are ISO 8601 business time; all
 * money has the currency of `amount`. The number is given when the invoice is stored.
 */
export interface Invoice {
  readonly stream: string;
  readonly orderId: string;
  readonly userId: string;
  readonly paymentTerms: PaymentTerms;
  readonly amount: Money;
  readonly paid: Money;
  readonly refunded: Money;
  readonly lines: readonly InvoiceLine[];
  readonly issuedAt: string;
  /** When the payment deadline ends; absent where there is none. */
  readonly dueAt?: string;
  readonly paidAt?: string;
  readonly voidedAt?: string;
  /** The event that issued it. */
  readonly issuedBy: { readonly eventId: string; readonly position: string };
  /** Position of the last event that is in it. */
  readonly position: string;
  /** Of the request that placed the order, and who stated to have made it. */
  readonly correlationId?: string;
  readonly actor?: string;
}

/** The status is a reading of the facts, never a fact of its own. A free order is paid with zero, so `paidAt` tells. */
export function statusOf({ voidedAt, paidAt, paid, refunded }: Invoice): InvoiceStatus {
  if (voidedAt !== undefined) return 'void';
  if (paidAt === undefined) return 'open';
  if (refunded.minor === 0) return 'paid';
  return refunded.minor < paid.minor ? 'partially_refunded' : 'refunded';
}

/** What was paid and not given back. */
export function refundableOf({ paid, refunded }: Invoice): Money {
  return subtractMoney(paid, refunded);
}
