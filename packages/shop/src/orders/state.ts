import { definedOnly, type Fold, unhandled } from '@headrace/event-schema';
import { MAX_MINOR, type Money, zero } from '../money/money.ts';
import type {
  OrderCancelled,
  OrderCreated,
  OrderDelivered,
  OrderEvent,
  OrderItem,
  OrderPlaced,
  OrderRefunded,
  OrderShipped,
  PaymentReceived,
  PaymentTerms,
} from './contracts.ts';
import { ORDER_CATEGORY } from './order-stream.ts';

export const ORDER_STATUSES = [
  'draft',
  'placed',
  'paid',
  'shipped',
  'delivered',
  'cancelled',
  'refunded',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/**
 * An order as its events add up; the events themselves are in its stream. All times are business time
 * (`occurredAt`), ISO 8601. Money has the order's currency; what was paid is told by `paidAt`, since a free order
 * is paid with zero.
 */
export interface OrderState {
  readonly orderId: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  /** In a draft the sum of the items that have a price. */
  readonly amount: Money;
  readonly currency: string;
  readonly email?: string;
  readonly paymentTerms: PaymentTerms;
  readonly paymentMethod?: string;
  readonly paidAmount: Money;
  readonly refundedAmount: Money;
  readonly carrier?: string;
  readonly trackingNumber?: string;
  readonly signature?: string;
  readonly cancelReason?: string;
  readonly cancelledBy?: string;
  readonly createdAt: string;
  readonly confirmedAt?: string;
  readonly placedAt?: string;
  readonly paidAt?: string;
  readonly shippedAt?: string;
  readonly deliveredAt?: string;
  readonly cancelledAt?: string;
  /** The latest refund. */
  readonly refundedAt?: string;
  /** Version of the last event that this fold knows. */
  readonly version: number;
}

/**
 * `null` until the first event of the order. An item, payment or refund in another currency than the order's, which only
 * an old log can hold, is left out: its amount is none of the order's.
 */
export const orderFold: Fold<OrderState | null, OrderEvent> = {
  category: ORDER_CATEGORY,
  // 1 held the history as well, which made a fold quadratic and a snapshot as long as its stream
  foldVersion: 2,
  initialState: null,
  evolve: (state, event, context) => {
    const next = state === null ? open(event, context.occurredAt) : apply(state, event, context.occurredAt);
    return next === null || next === state ? state : { ...next, version: context.version };
  },
};

/** Old streams begin with `OrderPlaced`. Anything else is no beginning. */
function open(event: OrderEvent, at: string): OrderState | null {
  switch (event.type) {
    case 'OrderCreated':
      return fresh(event, event.data.currency, at);
    case 'OrderPlaced':
      return place(fresh(event, event.data.amount.currency, at), event, at);
    default:
      return null;
  }
}

function fresh({ data }: OrderCreated | OrderPlaced, currency: string, at: string): OrderState {
  return {
    orderId: data.orderId,
    userId: data.userId,
    status: 'draft',
    items: [],
    amount: zero(currency),
    currency,
    ...definedOnly({ email: data.email }),
    paymentTerms: data.paymentTerms,
    paidAmount: zero(currency),
    refundedAmount: zero(currency),
    createdAt: at,
    version: 0,
  };
}

function apply(state: OrderState, event: OrderEvent, at: string): OrderState {
  switch (event.type) {
    case 'OrderCreated':
      return state;
    case 'OrderItemAdded':
      if (event.data.item.price !== undefined && isForeign(event.data.item.price, state)) return state;
      return withItems(state, itemsWith(state.items, event.data.item));
    case 'OrderItemRemoved':
      return withItems(
        state,
        state.items.filter(({ id }) => id !== event.data.itemId),
      );
    case 'OrderConfirmed':
      return { ...state, confirmedAt: at };
    case 'OrderPlaced':
      return place(state, event, at);
    default:
      return applyAfterPlacing(state, event, at);
  }
}

type EventAfterPlacing = PaymentReceived | OrderShipped | OrderDelivered | OrderCancelled | OrderRefunded;

function applyAfterPlacing(state: OrderState, event: EventAfterPlacing, at: string): OrderState {
  switch (event.type) {
    case 'PaymentReceived': {
      const { amount, paymentMethod } = event.data;
      if (isForeign(amount, state)) return state;
      // An order on account may be on its way, or there, when it is paid.
      const status = state.status === 'placed' ? 'paid' : state.status;
      return { ...state, status, paidAmount: amount, paymentMethod, paidAt: at };
    }
    case 'OrderShipped': {
      const { carrier, trackingNumber } = event.data;
      return { ...state, status: 'shipped', ...definedOnly({ carrier, trackingNumber }), shippedAt: at };
    }
    case 'OrderDelivered': {
      const { signature } = event.data;
      return { ...state, status: 'delivered', ...definedOnly({ signature }), deliveredAt: at };
    }
    case 'OrderCancelled': {
      const { reason: cancelReason, cancelledBy } = event.data;
      return { ...state, status: 'cancelled', cancelReason, cancelledBy, cancelledAt: at };
    }
    case 'OrderRefunded': {
      const { full, refundedTotal } = event.data;
      if (isForeign(refundedTotal, state)) return state;
      const status = full && state.status !== 'cancelled' ? 'refunded' : state.status;
      return { ...state, status, refundedAmount: refundedTotal, refundedAt: at };
    }
    default:
      return unhandled(event, state);
  }
}

function isForeign(money: Money, state: OrderState): boolean {
  return money.currency !== state.currency;
}

function place(state: OrderState, { data }: OrderPlaced, at: string): OrderState {
  const { items, amount, paymentTerms, email } = data;
  return {
    ...state,
    status: 'placed',
    items,
    amount,
    currency: amount.currency,
    paymentTerms,
    ...definedOnly({ email }),
    placedAt: at,
  };
}

function itemsWith(items: readonly OrderItem[], added: OrderItem): readonly OrderItem[] {
  if (!items.some(({ id }) => id === added.id)) return [...items, added];
  return items.map((item) =>
    item.id === added.id ? { ...item, quantity: item.quantity + added.quantity } : item,
  );
}

function withItems(state: OrderState, items: readonly OrderItem[]): OrderState {
  // A fold never throws, so the sum stops at the limit that `decide` enforces.
  const minor = items.reduce((sum, { price, quantity }) => sum + (price?.minor ?? 0) * quantity, 0);
  return { ...state, items, amount: { minor: Math.min(minor, MAX_MINOR), currency: state.currency } };
}
