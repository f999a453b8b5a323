import type { EventEnvelope } from '@headrace/event-schema';
import { type OrderEvent, type OrderItem, type OrderState, orderFold, orderStream } from '@headrace/shop';

/** Numbers that look random and are the same in every run for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('2026-01-01T00:00:00.000Z');

type Random = () => number;

function pick<One>(random: Random, from: readonly One[]): One {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

/** The next thing that may happen to an order; undefined when nothing may. */
function nextEvent(random: Random, orderId: string, state: OrderState | null): OrderEvent | undefined {
  const candidates = state === null ? beginnings(random, orderId) : continuations(random, state);
  return candidates.length === 0 ? undefined : pick(random, candidates);
}

function itemOf(random: Random, currency: string): OrderItem {
  const price = random() < 0.8 ? { price: { minor: Math.floor(random() * 5_000), currency } } : {};
  return {
    id: `item-${Math.floor(random() * 3)}`,
    name: 'An Item',
    quantity: 1 + Math.floor(random() * 3),
    ...price,
  };
}

function beginnings(random: Random, orderId: string): OrderEvent[] {
  const owner = { orderId, userId: `user-${Math.floor(random() * 3)}` };
  const currency = pick(random, ['EUR', 'JPY', 'KWD']);
  const email = random() < 0.5 ? { email: 'ada@example.com' } : {};
  const paymentTerms = pick(random, ['prepaid', 'on_account'] as const);
  const amount = { minor: 3_000, currency };
  const items = [{ id: 'book', name: 'A Book', quantity: 2, price: { minor: 1_500, currency } }];
  return [
    { type: 'OrderCreated', data: { ...owner, ...email, currency, paymentTerms } },
    { type: 'OrderPlaced', data: { ...owner, ...email, items, amount, paymentTerms } },
  ];
}

function continuations(random: Random, state: OrderState): OrderEvent[] {
  const { orderId, userId, amount, paymentTerms, status, items, currency, paidAmount, refundedAmount } =
    state;
  const owner = { orderId, userId };
  const open = status === 'placed' || status === 'paid';
  const left = paidAmount.minor - refundedAmount.minor;
  const part = Math.min(left, 1 + Math.floor(random() * left));
  const refundedTotal = { minor: refundedAmount.minor + part, currency };
  const full = refundedTotal.minor === paidAmount.minor;
  const refund = {
    ...owner,
    amount: { minor: part, currency },
    paidAmount,
    refundedTotal,
    full,
    reason: 'broken',
  };
  const possible: readonly (readonly [boolean, OrderEvent])[] = [
    [status === 'draft', { type: 'OrderItemAdded', data: { ...owner, item: itemOf(random, currency) } }],
    [
      items.length > 0 && status === 'draft',
      { type: 'OrderItemRemoved', data: { ...owner, itemId: items[0]?.id ?? '' } },
    ],
    [status === 'draft', { type: 'OrderConfirmed', data: { ...owner, amount } }],
    [
      state.confirmedAt !== undefined && status === 'draft',
      { type: 'OrderPlaced', data: { ...owner, items: [...items], amount, paymentTerms } },
    ],
    [
      status === 'placed',
      { type: 'PaymentReceived', data: { ...owner, amount, paymentMethod: 'card', paymentTerms } },
    ],
    [
      open,
      {
        type: 'OrderShipped',
        data: { ...owner, amount, paymentTerms, carrier: 'DHL', trackingNumber: 'JD01' },
      },
    ],
    [status === 'shipped', { type: 'OrderDelivered', data: { ...owner, signature: 'A. L.' } }],
    [
      open || status === 'draft',
      {
        type: 'OrderCancelled',
        data: {
          ...owner,
          previousStatus: status === 'paid' ? 'paid' : status === 'draft' ? 'draft' : 'placed',
          amount,
          paidAmount,
          refundedTotal: refundedAmount,
          paymentTerms,
          reason: 'changed my mind',
          cancelledBy: userId,
        },
      },
    ],
    [left > 0, { type: 'OrderRefunded', data: refund }],
  ];
  return possible.flatMap(([may, event]) => (may ? [event] : []));
}

export interface GeneratedOrder {
  readonly orderId: string;
  readonly stream: string;
  readonly events: readonly EventEnvelope[];
  /** What the write side's fold makes of the events. */
  readonly state: OrderState | null;
}

/** A history that could have happened, of up to `length` events over up to a week; the same for the same seed. */
export function generatedOrder(seed: number, length = 12): GeneratedOrder {
  const random = randomFrom(seed);
  const orderId = `generated-${seed}`;
  const stream = orderStream(orderId);
  const events: EventEnvelope[] = [];
  let state: OrderState | null = null;
  let atMs = FIRST_MS + Math.floor(random() * DAY_MS);
  while (events.length < length) {
    const event = nextEvent(random, orderId, state);
    if (event === undefined) break;
    atMs += Math.floor(random() * DAY_MS * 0.7);
    const envelope = envelopeOf(event, stream, events.length + 1, atMs);
    events.push(envelope);
    state = orderFold.evolve(state, event, envelope);
  }
  return { orderId, stream, events, state };
}

/** An event as a reader of the log gets it; recorded a day after it occurred. */
export function envelopeOf(
  event: OrderEvent,
  stream: string,
  version: number,
  occurredMs: number,
): EventEnvelope {
  const position = `0-${occurredMs + DAY_MS}-${version}`;
  return {
    id: position,
    position,
    stream,
    category: 'order',
    version,
    type: event.type,
    schemaVersion: 1,
    data: event.data,
    recordedAt: new Date(occurredMs + DAY_MS).toISOString(),
    occurredAt: new Date(occurredMs).toISOString(),
    meta: {},
  };
}
