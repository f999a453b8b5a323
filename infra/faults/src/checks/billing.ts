import { isDeepStrictEqual } from 'node:util';
import type { OrderState } from '@headrace/shop';
import type { Evidence, InvoiceRow, PostingRow } from '../evidence/evidence.ts';
import { checkHandled } from './handled.ts';
import { type OrderEnvelope, orderEventsOf } from './log.ts';
import { foldOrders } from './read-models.ts';

type Accounts = readonly [debit: string, credit: string];

/** The posting that an event leads to, if money moves. */
interface ExpectedPosting {
  readonly event: OrderEnvelope;
  readonly kind: string;
  readonly accounts: Accounts;
  readonly minor: number;
  readonly currency: string;
}

/** Invoices and ledger agree with the log, are numbered without gaps, and balance. */
export function checkBooks(evidence: Pick<Evidence, 'log' | 'books'>): readonly string[] {
  const { invoices, postings, trialBalance } = evidence.books;
  const expected = expectedPostings(orderEventsOf(evidence));
  const traces = postings.map(({ event_id: eventId }) => ({ eventId }));
  const events = expected.map(({ event }) => event);
  return [
    ...checkHandled('the ledger', events, traces, 'once'),
    ...checkPostings(expected, postings),
    ...checkInvoices(foldOrders(evidence), invoices),
    ...checkNumbering('invoices', invoices),
    ...checkNumbering('postings', postings),
    ...checkBalance(postings, trialBalance),
  ];
}

function expectedPostings(events: readonly OrderEnvelope[]): readonly ExpectedPosting[] {
  const placed = new Set<string>();
  return events.flatMap((event): readonly ExpectedPosting[] => {
    if (event.type === 'OrderPlaced') placed.add(event.stream);
    const posting = placed.has(event.stream) ? postingOf(event) : undefined;
    return posting === undefined ? [] : [posting];
  });
}

function postingOf(event: OrderEnvelope): ExpectedPosting | undefined {
  const posting = (
    kind: string,
    accounts: Accounts,
    { minor, currency }: { minor: number; currency: string },
  ) => ({
    event,
    kind,
    accounts,
    minor,
    currency,
  });
  switch (event.type) {
    case 'OrderPlaced':
      return posting('sale', ['receivable', 'revenue'], event.data.amount);
    case 'PaymentReceived':
      return posting('payment', ['cash', 'receivable'], event.data.amount);
    case 'OrderRefunded':
      return posting('refund', ['refunds', 'cash'], event.data.amount);
    case 'OrderCancelled':
      // A payment is returned by a refund, which has a posting of its own.
      if (event.data.previousStatus !== 'placed') return undefined;
      return posting('sale_reversed', ['revenue', 'receivable'], event.data.amount);
    default:
      return undefined;
  }
}

function checkPostings(
  expected: readonly ExpectedPosting[],
  postings: readonly PostingRow[],
): readonly string[] {
  const byEvent = new Map(expected.map((posting) => [posting.event.id, posting]));
  return postings.flatMap((row) => {
    const posting = byEvent.get(row.event_id);
    if (posting === undefined) return [];
    const { kind, accounts, minor, currency } = posting;
    const entries = [
      { account: accounts[0], currency, debit: minor, credit: 0 },
      { account: accounts[1], currency, debit: 0, credit: minor },
    ];
    if (row.kind === kind && isDeepStrictEqual(row.entries, entries)) return [];
    return [`posting ${row.number} says ${JSON.stringify(row)}, the log ${kind} ${JSON.stringify(entries)}`];
  });
}

function checkInvoices(
  orders: ReadonlyMap<string, OrderState>,
  invoices: readonly InvoiceRow[],
): readonly string[] {
  const found = new Map(invoices.map((row) => [row.stream, row]));
  const violations: string[] = [];
  if (found.size < invoices.length) violations.push('an order has two invoices');
  for (const [stream, order] of orders) {
    const row = found.get(stream);
    found.delete(stream);
    if (order.placedAt === undefined && row === undefined) continue;
    const said = row && [row.status, row.currency, row.amount, row.paid, row.refunded];
    const { currency, amount, paidAmount, refundedAmount } = order;
    const log = [invoiceStatus(order), currency, amount.minor, paidAmount.minor, refundedAmount.minor];
    if (order.placedAt === undefined || !isDeepStrictEqual(said, log))
      violations.push(
        `the invoice of ${stream} says ${JSON.stringify(said)}, the log ${JSON.stringify(log)}`,
      );
  }
  return [...violations, ...[...found.keys()].map((stream) => `${stream} has an invoice and no events`)];
}

function invoiceStatus({ paidAt, cancelledAt, paidAmount, refundedAmount }: OrderState): string {
  if (paidAt === undefined) return cancelledAt === undefined ? 'open' : 'void';
  if (refundedAmount.minor === 0) return 'paid';
  return refundedAmount.minor < paidAmount.minor ? 'partially_refunded' : 'refunded';
}

function checkNumbering(what: string, rows: readonly { readonly number: number }[]): readonly string[] {
  const wrong = rows.find(({ number }, index) => number !== index + 1);
  return wrong === undefined ? [] : [`the ${what} are not numbered without gaps: see ${wrong.number}`];
}

function checkBalance(postings: readonly PostingRow[], trialBalance: unknown): readonly string[] {
  const entries = postings.flatMap((posting) => posting.entries);
  const off = [...Map.groupBy(entries, ({ currency }) => currency)].flatMap(([currency, some]) => {
    const sum = some.reduce((total, { debit, credit }) => total + debit - credit, 0);
    return sum === 0 ? [] : [`the ledger is off by ${sum} minor units of ${currency}`];
  });
  const { balanced } = (trialBalance ?? {}) as { readonly balanced?: unknown };
  return balanced === true ? off : [...off, 'the trial balance does not balance'];
}

/** Every cancelled order that was paid is refunded completely, by one command. */
export function checkRefunds(evidence: Pick<Evidence, 'log' | 'books'>): readonly string[] {
  const orders = foldOrders(evidence);
  const commands = Map.groupBy(evidence.books.outbox, ({ key }) => key);
  const cancelled = orderEventsOf(evidence).filter((event) => event.type === 'OrderCancelled');
  const owed = cancelled.filter(({ data }) => data.paidAmount.minor > data.refundedTotal.minor);
  const unasked = [...commands.keys()].filter((key) => !owed.some(({ id }) => id === key));
  return [
    ...unasked.map((key) => `billing sent a command for ${key}, which owes nothing`),
    ...owed.flatMap(({ id, stream }) => {
      const sent = commands.get(id) ?? [];
      const [command] = sent;
      if (sent.length !== 1 || command?.type !== 'RefundOrder')
        return [`${stream} was cancelled by ${id}, and ${sent.length} commands ask for its refund`];
      if (command.command?.status !== 'completed')
        return [`the refund of ${stream} is ${JSON.stringify(command.command)}`];
      const order = orders.get(stream);
      const open = (order?.paidAmount.minor ?? 0) - (order?.refundedAmount.minor ?? 0);
      return open === 0 ? [] : [`${stream} was cancelled and is still owed ${open} minor units`];
    }),
  ];
}
