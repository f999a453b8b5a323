import type { OrderEvent } from '@headrace/shop';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { billed, orderEvents } from '../../test/order-events.ts';
import { type Billing, bill } from './bill.ts';
import { type Invoice, statusOf } from './invoice.ts';
import type { Account, Posting } from './ledger.ts';

type Step = { readonly kind: 'pay' | 'cancel' | 'refund-rest' } | { readonly kind: 'refund'; part: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ kind: 'pay' }, { kind: 'pay' }, { kind: 'cancel' }, { kind: 'refund-rest' }),
  fc.integer({ min: 1, max: 100 }).map((part): Step => ({ kind: 'refund', part })),
);

/** An order as far as the legality of what comes next depends on it. */
interface Model {
  readonly amount: number;
  paid: boolean;
  refunded: number;
  cancelled: boolean;
}

type Events = ReturnType<typeof orderEvents>;

/** What the order rules make of a step: an event, or nothing where they refuse. */
function happens(model: Model, wanted: Step, order: Events): OrderEvent | undefined {
  const paid = model.paid ? model.amount : 0;
  const refundable = paid - model.refunded;
  switch (wanted.kind) {
    case 'pay':
      return pay(model, order);
    case 'cancel':
      return cancel(model, order, paid);
    case 'refund':
      // beyond 2^53 a product is no longer exact
      return refund(model, order, Math.min(refundable, Math.ceil((refundable * wanted.part) / 100)));
    case 'refund-rest':
      return refund(model, order, refundable);
  }
}

function pay(model: Model, order: Events): OrderEvent | undefined {
  if (model.paid || model.cancelled) return undefined;
  model.paid = true;
  return order.paid();
}

/** A full refund ends an order; it cannot be cancelled after that. */
function cancel(model: Model, order: Events, paid: number): OrderEvent | undefined {
  if (model.cancelled || (model.refunded > 0 && model.refunded === paid)) return undefined;
  model.cancelled = true;
  return order.cancelled(model.paid ? 'paid' : 'placed', paid, model.refunded);
}

function refund(model: Model, order: Events, amount: number): OrderEvent | undefined {
  if (amount === 0) return undefined;
  model.refunded += amount;
  return order.refunded(amount, model.refunded);
}

const histories = fc
  .tuple(
    fc.constantFrom(0, 1, 9998, 999_999_999_999_999),
    fc.constantFrom('USD', 'JPY', 'KWD'),
    fc.constantFrom('prepaid' as const, 'on_account' as const),
    fc.array(step, { maxLength: 8 }),
  )
  .map(([amount, currency, terms, steps]) => {
    const order = orderEvents('o-1', amount, currency);
    const model: Model = { amount, paid: false, refunded: 0, cancelled: false };
    const events = steps.map((wanted) => happens(model, wanted, order)).filter((e) => e !== undefined);
    return { model, events: [order.placed(terms), ...events] };
  });

function runAll(events: readonly OrderEvent[]): { invoice: Invoice; billings: readonly Billing[] } {
  let invoice: Invoice | null = null;
  const billings = billed(events).map((event) => {
    const billing = bill(invoice, event, () => undefined);
    invoice = billing.invoice;
    return billing;
  });
  const result: Invoice | null | undefined = billings.at(-1)?.invoice;
  if (result === null || result === undefined) throw new Error('there is no invoice');
  return { invoice: result, billings };
}

function postingsOf(billings: readonly Billing[]): readonly Posting[] {
  return billings.flatMap(({ posting }) => posting ?? []);
}

/** Debits less credits. */
function balance(postings: readonly Posting[], account?: Account): number {
  return postings
    .flatMap(({ entries }) => entries)
    .filter((entry) => account === undefined || entry.account === account)
    .reduce((sum, { side, amount }) => sum + (side === 'debit' ? amount.minor : -amount.minor), 0);
}

describe('over any history of an order', () => {
  it('every posting balances and moves something', () => {
    fc.assert(
      fc.property(histories, ({ events }) => {
        for (const posting of postingsOf(runAll(events).billings)) {
          expect(balance([posting])).toBe(0);
          expect(posting.entries.every(({ amount }) => amount.minor > 0)).toBe(true);
          expect(new Set(posting.entries.map(({ amount }) => amount.currency)).size).toBe(1);
        }
      }),
    );
  });

  it('the accounts say what the invoice says', () => {
    fc.assert(
      fc.property(histories, ({ events, model }) => {
        const { invoice, billings } = runAll(events);
        const postings = postingsOf(billings);
        const { amount, paid, refunded } = invoice;
        const sold = statusOf(invoice) === 'void' ? 0 : amount.minor;
        expect(balance(postings, 'receivable')).toBe(sold - paid.minor);
        expect(balance(postings, 'revenue') + sold).toBe(0);
        expect(balance(postings, 'cash')).toBe(paid.minor - refunded.minor);
        expect(balance(postings, 'refunds')).toBe(refunded.minor);
        expect([paid.minor, refunded.minor]).toEqual([model.paid ? model.amount : 0, model.refunded]);
      }),
    );
  });

  it('a refund is asked for once, when a cancelled order has money to give back', () => {
    fc.assert(
      fc.property(histories, ({ events }) => {
        const { billings } = runAll(events);
        const commands = billings.flatMap((billing) => billing.commands);
        const at = events.findIndex(({ type }) => type === 'OrderCancelled');
        const before = at < 1 ? undefined : billings[at - 1]?.invoice;
        const owed = before ? before.paid.minor - before.refunded.minor : 0;
        expect(commands).toHaveLength(owed > 0 ? 1 : 0);
      }),
    );
  });

  it('delivering what was handled before changes nothing', () => {
    fc.assert(
      fc.property(histories, fc.nat(), ({ events }, n) => {
        const { invoice } = runAll(events);
        const again = billed(events)[n % events.length];
        if (again === undefined) throw new Error('unreachable');
        expect(bill(invoice, again, () => undefined)).toEqual({ invoice, commands: [] });
      }),
    );
  });
});
