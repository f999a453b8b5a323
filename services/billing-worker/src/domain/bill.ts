import { comparePositions, definedOnly } from '@headrace/event-schema';
import { addMoney, equalMoney, type Money, zero } from '@headrace/shop';
import { type OutgoingCommand, refundOfCancelled } from './commands.ts';
import type { BilledEvent, Cancelled, Paid, Placed, Refunded } from './events.ts';
import { type Invoice, type InvoiceStatus, refundableOf, statusOf } from './invoice.ts';
import { type Entry, type Posting, type PostingKind, transfer } from './ledger.ts';

/** What one event means to the books. */
export interface Billing {
  /** The invoice after the event; null while nothing was sold. */
  readonly invoice: Invoice | null;
  /** Absent where no money moved. */
  readonly posting?: Posting;
  readonly commands: readonly OutgoingCommand[];
}

type DueAtOf = (placed: Placed) => string | undefined;

/** An event that cannot follow what the invoice says, such as a second payment. Nothing is posted then. */
export class ContradictoryHistoryError extends Error {
  readonly code = 'CONTRADICTORY_HISTORY';
  readonly eventId: string;
  readonly stream: string;
  constructor(event: BilledEvent, why: string) {
    super(`${event.type} ${event.id} contradicts the invoice of ${event.stream}: ${why}`);
    this.name = 'ContradictoryHistoryError';
    this.eventId = event.id;
    this.stream = event.stream;
  }
}

/**
 * Every accounting rule. Events of one stream come in order; one that the invoice has in it already changes
 * nothing.
 * @param dueAtOf when a placed order has to be paid, which is kept on the invoice; undefined: whenever
 * @throws ContradictoryHistoryError
 */
export function bill(invoice: Invoice | null, event: BilledEvent, dueAtOf: DueAtOf): Billing {
  if (invoice !== null && comparePositions(event.position, invoice.position) <= 0) {
    return { invoice, commands: [] };
  }
  if (event.type === 'OrderPlaced') return issue(invoice, event, dueAtOf);
  if (invoice === null) return withoutInvoice(event);
  switch (event.type) {
    case 'PaymentReceived':
      return pay(invoice, event);
    case 'OrderCancelled':
      return cancel(invoice, event);
    case 'OrderRefunded':
      return refund(invoice, event);
  }
}

/** A draft that is called off was never sold; anything else comes after a sale. */
function withoutInvoice(event: Exclude<BilledEvent, Placed>): Billing {
  if (event.type === 'OrderCancelled' && event.data.previousStatus === 'draft') {
    return { invoice: null, commands: [] };
  }
  throw new ContradictoryHistoryError(event, 'the order was never placed');
}

function issue(invoice: Invoice | null, event: Placed, dueAtOf: DueAtOf): Billing {
  if (invoice !== null) throw new ContradictoryHistoryError(event, 'the order was placed before');
  const { id: eventId, position, stream, occurredAt, meta } = event;
  const { orderId, userId, amount, items, paymentTerms } = event.data;
  const issued: Invoice = {
    stream,
    orderId,
    userId,
    paymentTerms,
    amount,
    paid: zero(amount.currency),
    refunded: zero(amount.currency),
    lines: items.map(({ id, name, quantity, price }) => ({
      itemId: id,
      name,
      quantity,
      ...definedOnly({ unitPrice: price }),
    })),
    issuedAt: occurredAt,
    ...definedOnly({ dueAt: dueAtOf(event), correlationId: meta.correlationId, actor: meta.actor }),
    issuedBy: { eventId, position },
    position,
  };
  return posted(issued, event, 'sale', transfer('receivable', 'revenue', amount));
}

function pay(invoice: Invoice, event: Paid): Billing {
  const { amount } = event.data;
  requireStatus(invoice, event, ['open']);
  if (!equalMoney(amount, invoice.amount)) {
    throw new ContradictoryHistoryError(event, `it is about ${show(amount)}, not ${show(invoice.amount)}`);
  }
  const paid: Invoice = { ...invoice, paid: amount, paidAt: event.occurredAt };
  return posted(paid, event, 'payment', transfer('cash', 'receivable', amount));
}

/** What was paid is owed back: it is asked for here, and posted when it has happened. */
function cancel(invoice: Invoice, event: Cancelled): Billing {
  requireStatus(invoice, event, ['open', 'paid', 'partially_refunded']);
  const position = event.position;
  if (refundableOf(invoice).minor > 0) {
    return { invoice: { ...invoice, position }, commands: [refundOfCancelled(event)] };
  }
  const voided: Invoice = { ...invoice, voidedAt: event.occurredAt };
  // A paid invoice with nothing to give back was free, so the amount, like the entries, is none.
  return posted(voided, event, 'sale_reversed', transfer('revenue', 'receivable', invoice.amount));
}

function refund(invoice: Invoice, event: Refunded): Billing {
  const { amount } = event.data;
  requireStatus(invoice, event, ['paid', 'partially_refunded']);
  const refundable = refundableOf(invoice);
  if (amount.currency !== refundable.currency || amount.minor > refundable.minor) {
    throw new ContradictoryHistoryError(
      event,
      `it is about ${show(amount)}; ${show(refundable)} can be given back`,
    );
  }
  const refunded: Invoice = { ...invoice, refunded: addMoney(invoice.refunded, amount) };
  return posted(refunded, event, 'refund', transfer('refunds', 'cash', amount));
}

function posted(invoice: Invoice, event: BilledEvent, kind: PostingKind, entries: readonly Entry[]): Billing {
  const { id: eventId, position, stream, occurredAt, meta } = event;
  const changed = { ...invoice, position };
  if (entries.length === 0) return { invoice: changed, commands: [] };
  const { orderId } = invoice;
  const origin = definedOnly({ correlationId: meta.correlationId, actor: meta.actor });
  return {
    invoice: changed,
    posting: { eventId, kind, stream, orderId, occurredAt, ...origin, entries },
    commands: [],
  };
}

function requireStatus(invoice: Invoice, event: BilledEvent, allowed: readonly InvoiceStatus[]): void {
  const status = statusOf(invoice);
  if (!allowed.includes(status)) throw new ContradictoryHistoryError(event, `it is ${status}`);
}

function show({ minor, currency }: Money): string {
  return `${minor} minor units of ${currency}`;
}
