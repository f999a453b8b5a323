import type { EventStore, NewEvent } from '@headrace/event-store';
import type { Money } from '@headrace/shop';

/** A random order's past, to be appended as it stands. */
export interface OrderHistory {
  readonly stream: string;
  readonly events: readonly NewEvent[];
}

type Random = () => number;

/** Three days around a change of year, so that hours, days and their borders all occur. */
const START_MS = Date.parse('2025-12-30T00:00:00Z');
const SPAN_MS = 60 * 3_600_000;
const LONGEST_STEP_MS = 2 * 3_600_000;
const CURRENCIES = ['USD', 'EUR', 'JPY', 'KWD'];

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Orders as the API would lead them, and some as only the raw event API can write them. */
export function randomHistories(seed: number, orders: number): readonly OrderHistory[] {
  const random = randomOf(seed);
  return Array.from({ length: orders }, (_, index) => randomHistory(random, `${seed}-${index}`));
}

/** Appends the histories event by event, mixed with one another. */
export async function appendMixed(
  store: EventStore,
  histories: readonly OrderHistory[],
  seed: number,
): Promise<void> {
  const random = randomOf(seed + 1);
  const left = histories.map(({ stream, events }) => ({ stream, events: [...events] }));
  while (left.length > 0) {
    const chosen = new Set(Array.from({ length: 40 }, () => below(random, left.length)));
    await Promise.all(
      [...chosen].map(async (index) => {
        const { stream, events } = left[index] ?? { stream: '', events: [] };
        const next = events.splice(0, 1 + below(random, 2));
        if (next.length > 0) await store.append(stream, next);
      }),
    );
    for (const index of [...chosen].sort((a, b) => b - a)) {
      if (left[index]?.events.length === 0) left.splice(index, 1);
    }
  }
}

/** What an order's events have in common. */
interface Story {
  readonly random: Random;
  readonly order: { readonly orderId: string; readonly userId: string };
  readonly currency: string;
  readonly amount: Money;
  readonly paymentTerms: string;
}

/** Data of one event, and the version of its contract unless it is the newest. */
type Step = (story: Story, atMs: number) => Pick<NewEvent, 'type' | 'data' | 'schemaVersion'>;

const draft: Step = ({ order, currency, paymentTerms }) => ({
  type: 'OrderCreated',
  data: { ...order, currency, paymentTerms },
});

const place: Step = ({ random, order, currency, amount, paymentTerms }, atMs) => {
  const day = new Date(atMs).toISOString().slice(0, 10);
  const items = Array.from({ length: 1 + below(random, 4) }, () => {
    const id = `sku-${below(random, 12)}`;
    return { id, name: `Thing ${id} of ${day}`, quantity: 1 + below(random, 5) };
  });
  if (random() < 0.1)
    return { type: 'OrderPlaced', data: { ...order, items, amount: 12.5 }, schemaVersion: 1 };
  const priced = items.map((item) =>
    random() < 0.8 ? { ...item, price: { minor: below(random, 99_999), currency } } : item,
  );
  return { type: 'OrderPlaced', data: { ...order, items: priced, amount, paymentTerms } };
};

const pay: Step = ({ order, amount, paymentTerms }) => ({
  type: 'PaymentReceived',
  data: { ...order, amount, paymentMethod: 'card', paymentTerms },
});

const ship: Step = ({ order, amount, paymentTerms }) => ({
  type: 'OrderShipped',
  data: { ...order, amount, paymentTerms, trackingNumber: 'T1' },
});

const deliver: Step = ({ order }) => ({ type: 'OrderDelivered', data: order });

const cancelled =
  (previousStatus: 'draft' | 'placed' | 'paid'): Step =>
  ({ order, amount, paymentTerms, currency }) => {
    const none = { minor: 0, currency };
    const why = { reason: 'changed my mind', cancelledBy: order.userId };
    const money = { amount, paidAmount: none, refundedTotal: none };
    return { type: 'OrderCancelled', data: { ...order, previousStatus, ...money, paymentTerms, ...why } };
  };

const refund: Step = ({ random, order, amount, currency }) => {
  const part = { minor: 1 + below(random, 999), currency };
  const money = { amount: part, paidAmount: amount, refundedTotal: part };
  return { type: 'OrderRefunded', data: { ...order, ...money, full: false, reason: 'late' } };
};

const PATHS: readonly (readonly Step[])[] = [
  [place],
  [place, pay],
  [place, pay, ship],
  [place, pay, ship, deliver],
  [place, pay, ship, deliver],
  [place, ship, pay, deliver],
  [place, cancelled('placed')],
  [place, pay, cancelled('paid'), refund],
  [place, pay, refund, ship, refund, deliver],
  [draft, cancelled('draft')],
  [draft, place, pay],
  // what no decider allows: placed twice, cancelled twice, cancelled after delivery, never placed
  [place, place, pay, cancelled('paid'), cancelled('paid')],
  [place, deliver, cancelled('paid')],
  [deliver, pay, place],
];

function randomHistory(random: Random, id: string): OrderHistory {
  const currency = oneOf(random, CURRENCIES);
  const story: Story = {
    random,
    order: { orderId: id, userId: `user-${below(random, 25)}` },
    currency,
    amount: { minor: 1_000 + below(random, 5_000_000), currency },
    paymentTerms: oneOf(random, ['prepaid', 'on_account']),
  };
  let atMs = START_MS + below(random, SPAN_MS);
  const events = oneOf(random, PATHS).map((step) => {
    const event = { ...step(story, atMs), occurredAt: new Date(atMs).toISOString() };
    atMs += below(random, LONGEST_STEP_MS);
    return event;
  });
  return { stream: `order:${id}`, events };
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function oneOf<T>(random: Random, values: readonly T[]): T {
  const chosen = values[below(random, values.length)];
  if (chosen === undefined) throw new RangeError('there is nothing to choose from');
  return chosen;
}
