import type { EventEnvelope } from '@headrace/event-schema';
import type { OrderEvent } from '@headrace/shop';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { bankEvents, soundBank } from './sound-bank.ts';

// Evidence of a small sound run, for the tests of the checks: each changes one thing and sees it found.

const amount = { minor: 2_500, currency: 'USD' };
const part = { minor: 1_000, currency: 'USD' };
const rest = { minor: 1_500, currency: 'USD' };
const none = { minor: 0, currency: 'USD' };
const whose = { orderId: 'one', userId: 'ann', email: 'ann@example.com' };
const price = { minor: 1_250, currency: 'USD' };

const history: readonly OrderEvent[] = [
  {
    type: 'OrderPlaced',
    data: {
      ...whose,
      items: [{ id: 'pen', name: 'm-place', quantity: 2, price }],
      amount,
      paymentTerms: 'prepaid',
    },
  },
  { type: 'PaymentReceived', data: { ...whose, amount, paymentMethod: 'm-pay', paymentTerms: 'prepaid' } },
  {
    type: 'OrderRefunded',
    data: { ...whose, amount: part, paidAmount: amount, refundedTotal: part, full: false, reason: 'm-part' },
  },
  {
    type: 'OrderCancelled',
    data: {
      ...whose,
      previousStatus: 'paid',
      amount,
      paidAmount: amount,
      refundedTotal: part,
      paymentTerms: 'prepaid',
      reason: 'm-cancel',
      cancelledBy: 'clerk',
    },
  },
  {
    type: 'OrderRefunded',
    data: {
      ...whose,
      amount: rest,
      paidAmount: amount,
      refundedTotal: amount,
      full: true,
      reason: 'cancelled',
    },
  },
];

/** When the first event was recorded; the others follow by the second. */
export const STARTED_AT = Date.parse('2026-01-15T14:00:00.000Z');
export const STREAM = 'order:one';
export const LEASE_MS = 3_000;

export const events: readonly (EventEnvelope & OrderEvent)[] = history.map((event, index) => {
  const ms = STARTED_AT + index * 1_000;
  const at = new Date(ms).toISOString();
  const id = `0-${ms}-0`;
  const place = { id, position: id, stream: STREAM, category: 'order', version: index + 1 };
  return { ...event, ...place, schemaVersion: 1, recordedAt: at, occurredAt: at, meta: {} };
});
const [placed, paid, refunded, cancelled, refundedRest] = events;
const at = (event: EventEnvelope | undefined): string => event?.occurredAt ?? '';
const idOf = (event: EventEnvelope | undefined): string => event?.id ?? '';

function posting(
  number: number,
  event: EventEnvelope | undefined,
  kind: string,
  accounts: readonly [string, string],
  minor: number,
) {
  const entries = [
    { account: accounts[0], currency: 'USD', debit: minor, credit: 0 },
    { account: accounts[1], currency: 'USD', debit: 0, credit: minor },
  ];
  return { number, event_id: idOf(event), kind, stream: STREAM, entries };
}

const written = [
  ['m-place', 'place', placed],
  ['m-pay', 'pay', paid],
  ['m-part', 'refund', refunded],
  ['m-cancel', 'cancel', cancelled],
] as const;

/** What a run leaves behind in which one order was placed, paid, refunded in part, and cancelled, beside a bank. */
export const soundEvidence: Evidence = {
  ...soundBank,
  log: [events, bankEvents],
  verified: [],
  requests: written.map(([mark, what, event]) => ({
    mark,
    what,
    keyed: true,
    contest: undefined,
    orderId: 'one',
    attempts: 1,
    outcome: { status: 'acknowledged', eventId: idOf(event), version: event?.version ?? 0 },
  })),
  injected: [],
  stalls: [],
  declared: {
    payments: [{ stream: 'USD', value: '2500', events: 1 }],
    turning_points: [{ stream: 'ann', value: 2, events: 2 }],
    latest: [{ stream: STREAM, value: { ...placed?.data, ...cancelled?.data }, events: 2 }],
  },
  orders: [
    {
      stream: STREAM,
      user_id: 'ann',
      status: 'cancelled',
      created_at: at(placed),
      state: {
        ...whose,
        status: 'cancelled',
        items: [{ id: 'pen', name: 'm-place', quantity: 2, price }],
        amount,
        paidAmount: amount,
        refundedAmount: amount,
        currency: 'USD',
        paymentTerms: 'prepaid',
        paymentMethod: 'm-pay',
        cancelReason: 'm-cancel',
        cancelledBy: 'clerk',
        createdAt: at(placed),
        placedAt: at(placed),
        paidAt: at(paid),
        cancelledAt: at(cancelled),
        refundedAt: at(refundedRest),
        version: 5,
      },
    },
  ],
  audit: [...events, ...bankEvents].map(({ id, position, stream, version, type, data }) => ({
    position,
    event_id: id,
    stream,
    version,
    type,
    data,
  })),
  days: [
    {
      stream: STREAM,
      currency: 'USD',
      placed_on: '2026-01-15',
      paid_on: '2026-01-15',
      paid_minor: 2_500,
      shipped_on: null,
      delivered_on: null,
      cancelled_on: '2026-01-15',
      refunds: [{ day: '2026-01-15', minor: 2_500 }],
    },
  ],
  summary: {
    from: null,
    to: null,
    counts: { placed: 1, paid: 1, shipped: 0, delivered: 0, cancelled: 1, refunded: 2 },
    uniqueCustomers: 1,
    byCurrency: [
      {
        currency: 'USD',
        ...{ placed: 1, paid: 1, shipped: 0, delivered: 0, cancelled: 1, refunded: 2 },
        payments: 25,
        refunds: 25,
        net: 0,
      },
    ],
  },
  products: [{ product_id: 'pen', currency: 'USD', units: 0, orders: 0, revenue: 0 }],
  books: {
    invoices: [
      {
        stream: STREAM,
        number: 1,
        status: 'refunded',
        currency: 'USD',
        amount: amount.minor,
        paid: amount.minor,
        refunded: amount.minor - none.minor,
      },
    ],
    postings: [
      posting(1, placed, 'sale', ['receivable', 'revenue'], 2_500),
      posting(2, paid, 'payment', ['cash', 'receivable'], 2_500),
      posting(3, refunded, 'refund', ['refunds', 'cash'], 1_000),
      posting(4, refundedRest, 'refund', ['refunds', 'cash'], 1_500),
    ],
    outbox: [
      {
        key: idOf(cancelled),
        type: 'RefundOrder',
        stream: STREAM,
        command_id: '0-c',
        command: {
          commandId: '0-c',
          status: 'completed',
          type: 'RefundOrder',
          stream: STREAM,
          createdAt: at(cancelled),
        },
      },
    ],
    trialBalance: { balanced: true },
  },
  mailRecords: events.map(({ id, stream, version, occurredAt }, index) => ({
    event_id: id,
    number: index + 1,
    stream,
    version,
    status: 'sent',
    message_id: `<${id}@headrace.example>`,
    attempts: 1,
    created_at: new Date(occurredAt),
    sent_at: new Date(occurredAt),
  })),
  inbox: events.map(({ id }) => ({ messageId: `${id}@headrace.example`, to: 'ann@example.com' })),
  deadLetters: [],
};
