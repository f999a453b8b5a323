import type { TransactionalHandler } from '@headrace/consumer';
import type { EventEnvelope } from '@headrace/event-schema';
import type { Transaction } from 'kysely';
import { insertInvoices, loadInvoices, type NumberedInvoice, updateInvoices } from '../database/invoices.ts';
import { insertPostings } from '../database/ledger.ts';
import { enqueueCommands } from '../database/outbox.ts';
import type { BillingTables } from '../database/tables.ts';
import { type Billing, bill } from '../domain/bill.ts';
import { dueAtOf, type PaymentDeadline } from '../domain/deadline.ts';
import { BILLED_TYPES, type BilledEvent, billedEvent, type Placed } from '../domain/events.ts';
import type { Invoice } from '../domain/invoice.ts';

/**
 * Bills a batch of order events: invoices, postings and commands to be sent change together with the checkpoint,
 * or not at all. A stream's partition has one owner, so nobody else changes these invoices meanwhile.
 */
export function billOrders(
  deadline: PaymentDeadline,
  now: () => Date,
): TransactionalHandler<Transaction<BillingTables>> {
  return {
    types: BILLED_TYPES,
    // numbers are given in the order in which partitions come to them, and customers have them
    isRepeatable: false,
    handle: async (envelopes: readonly EventEnvelope[], tx) => {
      const events = envelopes.map(billedEvent);
      const stored = await loadInvoices(tx, [...new Set(events.map(({ stream }) => stream))]);
      const { invoices, billings } = billAll(events, stored, (placed) => dueAtOf(placed, deadline, now()));
      // The numbered series come last and in this order: they stay locked until the commit.
      await updateInvoices(tx, changed(invoices, stored));
      await enqueueCommands(
        tx,
        billings.flatMap(({ commands }) => commands),
      );
      await insertInvoices(
        tx,
        [...invoices.values()].filter(({ stream }) => !stored.has(stream)),
      );
      await insertPostings(
        tx,
        billings.flatMap(({ posting }) => posting ?? []),
      );
    },
  };
}

interface BilledBatch {
  /** As they are after the batch; new ones in the order of the events that issued them. */
  readonly invoices: ReadonlyMap<string, Invoice>;
  readonly billings: readonly Billing[];
}

function billAll(
  events: readonly BilledEvent[],
  stored: ReadonlyMap<string, Invoice>,
  dueAt: (placed: Placed) => string | undefined,
): BilledBatch {
  const invoices = new Map(stored);
  const billings = events.map((event) => {
    const billing = bill(invoices.get(event.stream) ?? null, event, dueAt);
    if (billing.invoice !== null) invoices.set(event.stream, billing.invoice);
    return billing;
  });
  return { invoices, billings };
}

function changed(
  invoices: ReadonlyMap<string, Invoice>,
  stored: ReadonlyMap<string, NumberedInvoice>,
): readonly NumberedInvoice[] {
  return [...stored.values()].flatMap((before) => {
    const after = invoices.get(before.stream);
    return after === undefined || after === before ? [] : { ...after, number: before.number };
  });
}
