import type { OrderEvent } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { billed, enveloped, orderEvents } from '../../test/order-events.ts';
import { type Billing, bill, ContradictoryHistoryError } from './bill.ts';
import { billedEvent, type Placed, UnbillableEventError } from './events.ts';
import { type Invoice, statusOf } from './invoice.ts';

const order = orderEvents();
const free = orderEvents('o-1', 0);

const never = (): undefined => undefined;

function run(
  history: readonly OrderEvent[],
  dueAt: (placed: Placed) => string | undefined = never,
): readonly Billing[] {
  let invoice: Invoice | null = null;
  return billed(history).map((event) => {
    const billing = bill(invoice, event, dueAt);
    invoice = billing.invoice;
    return billing;
  });
}

function last(history: readonly OrderEvent[], dueAt?: (placed: Placed) => string | undefined): Billing {
  const billing = run(history, dueAt).at(-1);
  if (billing === undefined) throw new Error('the history is empty');
  return billing;
}

/** `debited ← credited amount`, and the invoice's status. */
function summary({ posting, invoice }: Billing) {
  const [debit, credit] = posting?.entries ?? [];
  const moved = posting && `${debit?.account} <- ${credit?.account} ${debit?.amount.minor}`;
  return [posting?.kind, moved, invoice && statusOf(invoice)];
}

describe('the accounting rules', () => {
  it('post a sale when an order is placed', () => {
    const { invoice, posting } = last([order.placed()]);
    expect(invoice).toMatchObject({
      orderId: 'o-1',
      userId: 'u-1',
      amount: { minor: 9998, currency: 'USD' },
      lines: [
        { itemId: 'i-1', name: 'Lamp', quantity: 2, unitPrice: { minor: 4999, currency: 'USD' } },
        { itemId: 'i-2', name: 'Card', quantity: 1 },
      ],
      issuedAt: '2026-01-15T14:00:00.000Z',
      correlationId: 'c-1',
    });
    expect(posting?.entries).toEqual([
      { account: 'receivable', side: 'debit', amount: { minor: 9998, currency: 'USD' } },
      { account: 'revenue', side: 'credit', amount: { minor: 9998, currency: 'USD' } },
    ]);
  });

  it('settle the receivable with cash when it is paid', () => {
    const billing = last([order.placed(), order.paid()]);
    expect(summary(billing)).toEqual(['payment', 'cash <- receivable 9998', 'paid']);
    expect(billing.invoice?.paidAt).toBe('2026-01-15T14:00:01.000Z');
  });

  it('reverse the sale when an unpaid order is cancelled', () => {
    const billing = last([order.placed('on_account'), order.cancelled('placed')]);
    expect(summary(billing)).toEqual(['sale_reversed', 'revenue <- receivable 9998', 'void']);
    expect(billing.invoice?.voidedAt).toBe('2026-01-15T14:00:01.000Z');
    expect(billing.commands).toEqual([]);
  });

  it('ask for a refund when a paid order is cancelled, and post it when it has happened', () => {
    const history = [order.placed(), order.paid(), order.cancelled('paid', 9998)];
    const { invoice, posting, commands } = last(history);
    expect([posting, invoice && statusOf(invoice)]).toEqual([undefined, 'paid']);
    expect(commands).toEqual([
      {
        key: '3-1768485602000-0',
        category: 'order',
        stream: 'order:o-1',
        command: {
          type: 'RefundOrder',
          data: { orderId: 'o-1', amount: 'remaining', reason: 'the order was cancelled' },
        },
        meta: {
          actor: 'billing',
          cause: '3-1768485602000-0',
          causationId: '3-1768485602000-0',
          correlationId: 'c-1',
        },
      },
    ]);
    const refunded = last([...history, order.refunded(9998)]);
    expect(summary(refunded)).toEqual(['refund', 'refunds <- cash 9998', 'refunded']);
  });

  it('post refunds in parts', () => {
    const history = [order.placed(), order.paid(), order.refunded(1000), order.refunded(8998, 9998)];
    expect(run(history).slice(2).map(summary)).toEqual([
      ['refund', 'refunds <- cash 1000', 'partially_refunded'],
      ['refund', 'refunds <- cash 8998', 'refunded'],
    ]);
  });

  it('post nothing for a free order, whose invoice is paid and voided all the same', () => {
    const history = [free.placed(), free.paid(), free.cancelled('paid')];
    const billings = run(history);
    expect(billings.map(summary)).toEqual([
      [undefined, undefined, 'open'],
      [undefined, undefined, 'paid'],
      [undefined, undefined, 'void'],
    ]);
    expect(billings.flatMap(({ commands }) => commands)).toEqual([]);
    expect(billings[0]?.invoice?.dueAt).toBeUndefined();
  });

  it('sell nothing by a draft that is called off', () => {
    expect(last([order.cancelled('draft')])).toEqual({ invoice: null, commands: [] });
  });

  it('change nothing for an event that the invoice has in it', () => {
    const [placed, paid] = billed([order.placed(), order.paid()]);
    if (placed === undefined || paid === undefined) throw new Error('unreachable');
    const { invoice } = bill(bill(null, placed, never).invoice, paid, never);
    expect(bill(invoice, paid, never)).toEqual({ invoice, commands: [] });
    expect(bill(invoice, placed, never)).toEqual({ invoice, commands: [] });
  });

  it.each([
    ['a payment before the sale', [order.paid()]],
    ['a second sale', [order.placed(), order.placed()]],
    ['a second payment', [order.placed(), order.paid(), order.paid()]],
    ['a payment of another amount', [order.placed(), order.paid(1)]],
    ['a payment in another currency', [order.placed(), orderEvents('o-1', 9998, 'EUR').paid()]],
    ['a payment of a void invoice', [order.placed(), order.cancelled('placed'), order.paid()]],
    ['a refund of what was not paid', [order.placed(), order.refunded(1)]],
    ['a refund of more than was paid', [order.placed(), order.paid(), order.refunded(9999)]],
    ['a cancelled void', [order.placed(), order.cancelled('placed'), order.cancelled('placed')]],
  ])('refuse %s', (_what, history) => {
    expect(() => run(history)).toThrow(ContradictoryHistoryError);
  });
});

describe('the payment deadline', () => {
  it('is kept on the invoice', () => {
    const dueAt = '2026-01-15T14:01:30.000Z';
    expect(last([order.placed()], () => dueAt).invoice?.dueAt).toBe(dueAt);
  });
});

describe('reading an event', () => {
  const [placed] = enveloped([order.placed()]);
  if (placed === undefined) throw new Error('unreachable');
  const placedWith = (change: object) => ({
    ...placed,
    data: { ...order.placed().data, ...change },
  });

  it('ignores fields that billing does not know, and knows withdrawn currencies', () => {
    const event = billedEvent(placedWith({ amount: { minor: 5, currency: 'DEM' }, giftWrap: true }));
    expect(event.data).toMatchObject({ amount: { currency: 'DEM' } });
  });

  it('replaces characters that the database cannot hold', () => {
    const items = [{ id: 'i', name: 'a\0b\uD800', quantity: 1 }];
    const event = billedEvent(placedWith({ items }));
    expect(event.data).toMatchObject({ items: [{ name: 'a\uFFFDb\uFFFD' }] });
  });

  it.each([
    { amount: { minor: 1.5, currency: 'USD' } },
    { amount: { minor: -5, currency: 'USD' } },
    { amount: undefined },
  ])('refuses to guess an amount: %j', (change) => {
    expect(() => billedEvent(placedWith(change))).toThrow(UnbillableEventError);
  });
});
