import type { LoggedEvent } from './log.ts';

/** What must be true of an order, going by nothing but the log. Money in minor units. */
export interface ExpectedOrder {
  readonly orderId: string;
  readonly userId: string;
  readonly status: string;
  /** Number of its events. */
  readonly version: number;
  readonly currency: string;
  readonly amount: number;
  readonly paid: number;
  readonly refunded: number;
  /** Types of its events, oldest first. */
  readonly types: readonly string[];
  readonly lastEventId: string;
  /** Events that the customer must have had one mail about. */
  readonly mailedEventIds: readonly string[];
}

const mailed = [
  'OrderPlaced',
  'PaymentReceived',
  'OrderShipped',
  'OrderDelivered',
  'OrderCancelled',
  'OrderRefunded',
];

interface Money {
  readonly minor: number;
  readonly currency: string;
}

interface OrderData {
  readonly orderId: string;
  readonly userId: string;
  readonly email?: string;
  readonly amount?: Money;
  readonly full?: boolean;
}

/**
 * Folds the orders of a log by rules of its own, as the second opinion that read models are compared with. It knows
 * events as writers write them now, and throws when a stream's versions have a gap or a repeat.
 */
export function foldOfLog(log: readonly LoggedEvent[]): ReadonlyMap<string, ExpectedOrder> {
  const orders = new Map<string, ExpectedOrder>();
  for (const event of log) {
    if (!event.stream.startsWith('order:')) continue;
    const { orderId } = event.data as unknown as OrderData;
    orders.set(orderId, evolve(orders.get(orderId), event));
  }
  return orders;
}

function evolve(before: ExpectedOrder | undefined, event: LoggedEvent): ExpectedOrder {
  const { orderId, userId, email, amount, full } = event.data as unknown as OrderData;
  const order = before ?? begun(orderId, userId);
  if (event.version !== order.version + 1) {
    throw new Error(`${event.stream} has version ${event.version} after ${order.version}`);
  }
  const minor = amount?.minor ?? 0;
  const isMailed = mailed.includes(event.type) && email !== undefined;
  return {
    ...order,
    status: statusAfter(order.status, event.type, full === true),
    version: event.version,
    currency: amount?.currency ?? order.currency,
    amount: event.type === 'OrderPlaced' ? minor : order.amount,
    paid: event.type === 'PaymentReceived' ? minor : order.paid,
    refunded: event.type === 'OrderRefunded' ? order.refunded + minor : order.refunded,
    types: [...order.types, event.type],
    lastEventId: event.id,
    mailedEventIds: isMailed ? [...order.mailedEventIds, event.id] : order.mailedEventIds,
  };
}

function begun(orderId: string, userId: string): ExpectedOrder {
  return {
    ...{ orderId, userId, status: 'draft', version: 0 },
    ...{ currency: '', amount: 0, paid: 0, refunded: 0 },
    ...{ types: [], lastEventId: '', mailedEventIds: [] },
  };
}

function statusAfter(status: string, type: string, full: boolean): string {
  switch (type) {
    case 'OrderPlaced':
      return 'placed';
    case 'PaymentReceived':
      return status === 'placed' ? 'paid' : status;
    case 'OrderShipped':
      return 'shipped';
    case 'OrderDelivered':
      return 'delivered';
    case 'OrderCancelled':
      return 'cancelled';
    case 'OrderRefunded':
      return full && status !== 'cancelled' ? 'refunded' : status;
    default:
      return status;
  }
}
