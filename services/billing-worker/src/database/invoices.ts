import { definedOnly } from '@headrace/event-schema';
import type { Insertable, Kysely, Selectable, SqlBool, Transaction } from 'kysely';
import { sql } from 'kysely';
import { type Invoice, type InvoiceStatus, statusOf } from '../domain/invoice.ts';
import { takeNumbers } from './gapless-numbers.ts';
import type { BillingTables, InvoicesTable } from './tables.ts';

/** An invoice that has its number. */
export interface NumberedInvoice extends Invoice {
  /** From 1, without gaps, in the order in which invoices were stored. */
  readonly number: number;
}

/** The invoices of these streams, by stream. */
export async function loadInvoices(
  tx: Transaction<BillingTables>,
  streams: readonly string[],
): Promise<Map<string, NumberedInvoice>> {
  const rows = await tx.selectFrom('invoices').selectAll().where('stream', 'in', streams).execute();
  return new Map(rows.map((row) => [row.stream, invoiceOf(row)]));
}

/** Stores new invoices under the next numbers, in the order given. */
export async function insertInvoices(
  tx: Transaction<BillingTables>,
  invoices: readonly Invoice[],
): Promise<void> {
  if (invoices.length === 0) return;
  const first = await takeNumbers(tx, 'invoice', invoices.length);
  const rows = invoices.map((invoice, index) => rowOf({ ...invoice, number: first + index }));
  await tx.insertInto('invoices').values(rows).execute();
}

/** Stores what has happened to invoices. What never changes stays, and so does what the deadline's sweep notes. */
export async function updateInvoices(
  tx: Transaction<BillingTables>,
  invoices: readonly NumberedInvoice[],
): Promise<void> {
  if (invoices.length === 0) return;
  await tx
    .insertInto('invoices')
    .values(invoices.map(rowOf))
    .onConflict((conflict) =>
      conflict.column('stream').doUpdateSet(({ ref }) => ({
        paid: ref('excluded.paid'),
        refunded: ref('excluded.refunded'),
        status: ref('excluded.status'),
        paid_at: ref('excluded.paid_at'),
        voided_at: ref('excluded.voided_at'),
        position: ref('excluded.position'),
      })),
    )
    .execute();
}

/**
 * The invoice of an order, also one from before that was given the name of its stream for an id. Where events of other
 * streams claim the same order id, its own stream's wins.
 */
export async function findInvoice(
  db: Kysely<BillingTables>,
  orderId: string,
  ownStream: string,
): Promise<NumberedInvoice | undefined> {
  const row = await db
    .selectFrom('invoices')
    .selectAll()
    .where('order_id', 'in', [orderId, ownStream])
    .orderBy(sql<SqlBool>`stream = ${ownStream}`, 'desc')
    .orderBy('number')
    .limit(1)
    .executeTakeFirst();
  return row && invoiceOf(row);
}

export interface InvoiceFilter {
  readonly status?: InvoiceStatus | undefined;
  readonly userId?: string | undefined;
  /** Only invoices with a lower number. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listInvoices(
  db: Kysely<BillingTables>,
  { status, userId, before, limit }: InvoiceFilter,
): Promise<readonly NumberedInvoice[]> {
  let query = db.selectFrom('invoices').selectAll().orderBy('number', 'desc').limit(limit);
  if (status !== undefined) query = query.where('status', '=', status);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (before !== undefined) query = query.where('number', '<', before);
  return (await query.execute()).map(invoiceOf);
}

function rowOf(invoice: NumberedInvoice): Insertable<InvoicesTable> {
  return {
    stream: invoice.stream,
    number: invoice.number,
    order_id: invoice.orderId,
    user_id: invoice.userId,
    payment_terms: invoice.paymentTerms,
    currency: invoice.amount.currency,
    amount: invoice.amount.minor,
    paid: invoice.paid.minor,
    refunded: invoice.refunded.minor,
    status: statusOf(invoice),
    lines: JSON.stringify(invoice.lines),
    issued_at: invoice.issuedAt,
    due_at: invoice.dueAt ?? null,
    paid_at: invoice.paidAt ?? null,
    voided_at: invoice.voidedAt ?? null,
    issued_event_id: invoice.issuedBy.eventId,
    issued_position: invoice.issuedBy.position,
    position: invoice.position,
    correlation_id: invoice.correlationId ?? null,
    actor: invoice.actor ?? null,
  };
}

function invoiceOf(row: Selectable<InvoicesTable>): NumberedInvoice {
  const money = (minor: number) => ({ minor, currency: row.currency });
  return {
    number: row.number,
    stream: row.stream,
    orderId: row.order_id,
    userId: row.user_id,
    paymentTerms: row.payment_terms,
    amount: money(row.amount),
    paid: money(row.paid),
    refunded: money(row.refunded),
    lines: row.lines,
    issuedAt: row.issued_at.toISOString(),
    ...definedOnly({
      dueAt: row.due_at?.toISOString(),
      paidAt: row.paid_at?.toISOString(),
      voidedAt: row.voided_at?.toISOString(),
      correlationId: row.correlation_id ?? undefined,
      actor: row.actor ?? undefined,
    }),
    issuedBy: { eventId: row.issued_event_id, position: row.issued_position },
    position: row.position,
  };
}
