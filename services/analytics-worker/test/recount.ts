import type { EventEnvelope } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import { type OrderEvent, type OrderItem, toDecimal } from '@headrace/shop';

/**
 * The numbers counted the plain way: over all events of the log, in one process, for one question. It shares no
 * code with the service.
 */
export interface Recount {
  numbers(from: string, to: string, currency?: string): Numbers;
  funnel(from: string, to: string): object;
  topProducts(from: string, to: string, limit: number, currency?: string): object;
}

type Counts = Readonly<Record<string, number>>;
interface Numbers {
  readonly counts: Counts;
  readonly uniqueCustomers: number;
  readonly byCurrency: readonly object[];
}

type LogEvent = EventEnvelope & OrderEvent;

interface Order {
  readonly currency: string;
  readonly placed: LogEvent & { type: 'OrderPlaced' };
  readonly after: readonly LogEvent[];
}

const NAMES = {
  OrderPlaced: 'placed',
  PaymentReceived: 'paid',
  OrderShipped: 'shipped',
  OrderDelivered: 'delivered',
  OrderCancelled: 'cancelled',
  OrderRefunded: 'refunded',
} as const;

export async function recountOf(store: EventStore): Promise<Recount> {
  const events: LogEvent[] = [];
  for await (const event of store.readLog({ category: 'order' })) {
    const known = event as LogEvent;
    if (!(known.type in NAMES)) continue;
    if (known.type === 'OrderCancelled' && known.data.previousStatus === 'draft') continue;
    events.push(known);
  }
  const counted = countedOf(events);
  const orders = ordersOf(events);
  return {
    numbers: (from, to, currency) =>
      numbersOf(
        counted.filter(
          (one) =>
            inside(one.event.occurredAt, from, to) && (currency === undefined || one.currency === currency),
        ),
      ),
    funnel: (from, to) => funnelOf(orders.filter(({ placed }) => inside(placed.occurredAt, from, to))),
    topProducts: (from, to, limit, currency) =>
      topProductsOf(
        orders.filter(({ placed }) => inside(placed.occurredAt, from, to)),
        limit,
        currency,
      ),
  };
}

/** Times of one form, UTC, sort as text. */
const inside = (at: string, from: string, to: string): boolean => at >= from && at < to;

function ordersOf(events: readonly LogEvent[]): readonly Order[] {
  return [...Map.groupBy(events, ({ stream }) => stream).values()].flatMap((history) => {
    const start = history.findIndex(({ type }) => type === 'OrderPlaced');
    const placed = history[start];
    if (placed?.type !== 'OrderPlaced') return [];
    return [{ currency: placed.data.amount.currency, placed, after: history.slice(start + 1) }];
  });
}

/** An event with the currency it counts in, and whether it is the one that placed its order. */
interface Counted {
  readonly event: LogEvent;
  readonly currency: string;
  readonly places: boolean;
}

/** Events of one stream are in order in the log. */
function countedOf(events: readonly LogEvent[]): readonly Counted[] {
  const currencies = new Map<string, string>();
  return events.map((event) => {
    const places = event.type === 'OrderPlaced' && !currencies.has(event.stream);
    if (places) currencies.set(event.stream, event.data.amount.currency);
    const currency = 'amount' in event.data ? event.data.amount.currency : currencies.get(event.stream);
    return { event, currency: currency ?? 'XXX', places };
  });
}

function numbersOf(events: readonly Counted[]): Numbers {
  return {
    counts: countsOf(events),
    uniqueCustomers: new Set(events.filter(({ places }) => places).map(({ event }) => event.data.userId))
      .size,
    byCurrency: [...Map.groupBy(events, ({ currency }) => currency)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, chosen]) => {
        const payments = sumOf(chosen, 'PaymentReceived');
        const refunds = sumOf(chosen, 'OrderRefunded');
        const decimal = (minor: number) => toDecimal({ minor, currency });
        return {
          currency,
          ...countsOf(chosen),
          payments: decimal(payments),
          refunds: decimal(refunds),
          net: decimal(payments - refunds),
        };
      }),
  };
}

function countsOf(events: readonly Counted[]): Counts {
  const count = (type: string) => events.filter(({ event }) => event.type === type).length;
  return Object.fromEntries(Object.entries(NAMES).map(([type, name]) => [name, count(type)]));
}

function sumOf(events: readonly Counted[], type: 'PaymentReceived' | 'OrderRefunded'): number {
  return events.reduce((sum, { event }) => sum + (event.type === type ? event.data.amount.minor : 0), 0);
}

type EventType = keyof typeof NAMES;

function reachedMs({ placed, after }: Order, type: EventType): number | undefined {
  const event = type === 'OrderPlaced' ? placed : after.find((one) => one.type === type);
  return event === undefined ? undefined : Date.parse(event.occurredAt);
}

function funnelOf(orders: readonly Order[]): object {
  const having = (...types: EventType[]) =>
    orders.filter((order) => types.every((type) => reachedMs(order, type) !== undefined)).length;
  const share = (part: number, whole: number) => (whole === 0 ? null : Number((part / whole).toFixed(4)));
  const stage = (type: EventType, previous?: EventType) => ({
    stage: NAMES[type],
    orders: having(type),
    ofPlaced: share(having(type), orders.length),
    ofPrevious: previous === undefined ? null : share(having(type, previous), having(previous)),
  });
  return {
    stages: [
      stage('OrderPlaced'),
      stage('PaymentReceived', 'OrderPlaced'),
      stage('OrderShipped', 'PaymentReceived'),
      stage('OrderDelivered', 'OrderShipped'),
    ],
    cancelled: having('OrderCancelled'),
    refunded: having('OrderRefunded'),
    durations: [
      durationOf(orders, 'OrderPlaced', 'PaymentReceived'),
      durationOf(orders, 'PaymentReceived', 'OrderShipped'),
      durationOf(orders, 'OrderShipped', 'OrderDelivered'),
      durationOf(orders, 'OrderPlaced', 'OrderDelivered'),
    ],
  };
}

function durationOf(orders: readonly Order[], from: EventType, to: EventType): object {
  const seconds = orders
    .map((order) => ((reachedMs(order, to) ?? Number.NaN) - (reachedMs(order, from) ?? Number.NaN)) / 1000)
    .filter((value) => value >= 0)
    .sort((a, b) => a - b);
  const sum = seconds.reduce((total, value) => total + value, 0);
  return {
    from: NAMES[from],
    to: NAMES[to],
    orders: seconds.length,
    averageSeconds: seconds.length === 0 ? null : sum / seconds.length,
    p50Seconds: percentile(seconds, 0.5),
    p95Seconds: percentile(seconds, 0.95),
  };
}

/** Linear between the two nearest values. */
function percentile(sorted: readonly number[], share: number): number | null {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined ? null : low + (high - low) * (place - Math.floor(place));
}

function topProductsOf(orders: readonly Order[], limit: number, currency: string | undefined): object {
  const sold = orders
    .filter(({ after }) => !after.some(({ type }) => type === 'OrderCancelled'))
    .flatMap((order) => order.placed.data.items.map((item) => ({ item, order })))
    .map((line) => ({ ...line, currency: line.item.price?.currency ?? line.order.currency }))
    .filter((line) => currency === undefined || line.currency === currency);
  const nameOf = (id: string): string => {
    const named = orders
      .filter((order) => currency === undefined || order.currency === currency)
      .flatMap(({ placed }) => placed.data.items.map((item: OrderItem) => ({ item, at: placed.occurredAt })))
      .filter(({ item }) => item.id === id);
    return named.sort((a, b) => (a.at < b.at ? 1 : -1))[0]?.item.name ?? '';
  };
  return [...Map.groupBy(sold, ({ item }) => item.id)]
    .map(([productId, lines]) => ({
      productId,
      name: nameOf(productId),
      units: lines.reduce((sum, { item }) => sum + item.quantity, 0),
      orders: new Set(lines.map(({ order }) => order)).size,
      revenue: [...Map.groupBy(lines, (line) => line.currency)]
        .map(([code, of]) => ({
          currency: code,
          minor: of.reduce((sum, { item }) => sum + (item.price?.minor ?? 0) * item.quantity, 0),
        }))
        .filter(({ minor }) => minor > 0)
        .map((money) => ({ currency: money.currency, amount: toDecimal(money) }))
        .sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    }))
    .sort((a, b) => b.units - a.units || b.orders - a.orders || (a.productId < b.productId ? -1 : 1))
    .slice(0, limit);
}
