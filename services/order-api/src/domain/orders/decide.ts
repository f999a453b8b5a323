import { canonicalId, type Decider, definedOnly } from '@headrace/event-schema';
import {
  isMailAddress,
  ORDER_CATEGORY,
  type OrderEvent,
  type OrderItem,
  type OrderItemAdded,
  type OrderPlaced,
  type OrderState,
  orderFold,
  subtractMoney,
} from '@headrace/shop';
import type {
  AddItem,
  CancelOrder,
  ConfirmOrder,
  CreateDraft,
  DeliverOrder,
  OrderCommand,
  PayOrder,
  PlaceOrder,
  RefundOrder,
  RemoveItem,
  ShipOrder,
} from './commands.ts';
import {
  AmountMismatchError,
  AmountNotPositiveError,
  EmptyOrderError,
  ItemNotFoundError,
  NothingToRefundError,
  OrderAlreadyExistsError,
  OrderAlreadyPaidError,
  OrderNotCancellableError,
  OrderNotDeliverableError,
  OrderNotDraftError,
  OrderNotFoundError,
  OrderNotPaidError,
  OrderNotPayableError,
  OrderNotShippableError,
  RefundExceedsPaidError,
} from './errors.ts';
import { addItem, amountOf, requireCurrency, sumOfPrices } from './items.ts';

/**
 * Every rule of what may happen to an order. `decide` throws a `DomainError` to refuse; it never returns an empty list.
 */
export const orderDecider: Decider<OrderCommand, OrderState | null, OrderEvent> = {
  ...orderFold,
  decide: (command, state) => {
    switch (command.type) {
      case 'PlaceOrder':
        return placeOrder(command, state);
      case 'CreateDraft':
        return createDraft(command, state);
      default:
        if (state === null) throw new OrderNotFoundError({ orderId: command.orderId });
        // its own id, whatever events from before the doors compared ids say
        return change(command, { ...state, orderId: canonicalId(ORDER_CATEGORY, command.orderId) });
    }
  },
};

function change(
  command: Exclude<OrderCommand, PlaceOrder | CreateDraft>,
  state: OrderState,
): readonly OrderEvent[] {
  switch (command.type) {
    case 'AddItem':
      return addToDraft(command, state);
    case 'RemoveItem':
      return removeFromDraft(command, state);
    case 'ConfirmOrder':
      return confirm(command, state);
    case 'PayOrder':
      return pay(command, state);
    case 'ShipOrder':
      return ship(command, state);
    case 'DeliverOrder':
      return deliver(command, state);
    case 'CancelOrder':
      return cancel(command, state);
    case 'RefundOrder':
      return refund(command, state);
  }
}

function placeOrder(command: PlaceOrder, state: OrderState | null): readonly OrderEvent[] {
  const { orderId, userId, email, paymentTerms = 'prepaid' } = command;
  if (state !== null) throw new OrderAlreadyExistsError({ orderId });
  const items = command.items.reduce<readonly OrderItem[]>(
    (merged, item) => addItem(merged, item, command),
    [],
  );
  return [placed({ orderId, userId, ...definedOnly({ email }), paymentTerms }, items, command)];
}

/** @throws EmptyOrderError and all that pricing throws */
function placed(
  customer: Omit<OrderPlaced['data'], 'items' | 'amount'>,
  items: readonly OrderItem[],
  { amount, currency }: Pick<PlaceOrder, 'amount' | 'currency'>,
): OrderPlaced {
  const { orderId } = customer;
  if (items.length === 0) throw new EmptyOrderError({ orderId });
  const data = { ...customer, items: [...items], amount: amountOf(items, amount, { orderId, currency }) };
  return { type: 'OrderPlaced', data };
}

function createDraft(command: CreateDraft, state: OrderState | null): readonly OrderEvent[] {
  const { orderId, userId, currency, email, paymentTerms = 'prepaid', items = [] } = command;
  if (state !== null) throw new OrderAlreadyExistsError({ orderId });
  const merged = items.reduce<readonly OrderItem[]>((sofar, item) => addItem(sofar, item, command), []);
  sumOfPrices(merged, currency);
  return [
    { type: 'OrderCreated', data: { orderId, userId, ...definedOnly({ email }), currency, paymentTerms } },
    ...merged.map((item): OrderItemAdded => ({ type: 'OrderItemAdded', data: { orderId, userId, item } })),
  ];
}

function addToDraft({ item }: AddItem, state: OrderState): readonly OrderEvent[] {
  requireDraft(state);
  const { orderId, userId, currency } = state;
  sumOfPrices(addItem(state.items, item, state), currency);
  return [{ type: 'OrderItemAdded', data: { orderId, userId, item } }];
}

function removeFromDraft({ itemId }: RemoveItem, state: OrderState): readonly OrderEvent[] {
  requireDraft(state);
  const { orderId, userId } = state;
  if (!state.items.some(({ id }) => id === itemId)) throw new ItemNotFoundError({ orderId, itemId });
  return [{ type: 'OrderItemRemoved', data: { orderId, userId, itemId } }];
}

function confirm({ amount }: ConfirmOrder, state: OrderState): readonly OrderEvent[] {
  requireDraft(state);
  const { orderId, userId, currency, paymentTerms } = state;
  const orderPlaced = placed({ ...customerOf(state), paymentTerms }, state.items, { amount, currency });
  return [
    { type: 'OrderConfirmed', data: { orderId, userId, amount: orderPlaced.data.amount } },
    orderPlaced,
  ];
}

function pay({ amount, paymentMethod }: PayOrder, state: OrderState): readonly OrderEvent[] {
  const { orderId, status, paymentTerms } = state;
  if (status === 'draft' || status === 'cancelled')
    throw new OrderNotPayableError({ orderId, orderStatus: status });
  if (state.paidAt !== undefined) throw new OrderAlreadyPaidError({ orderId });
  requireCurrency(amount, state);
  if (amount.minor !== state.amount.minor)
    throw new AmountMismatchError({ orderId, expected: state.amount, actual: amount });
  return [{ type: 'PaymentReceived', data: { ...customerOf(state), amount, paymentMethod, paymentTerms } }];
}

function ship({ carrier, trackingNumber }: ShipOrder, state: OrderState): readonly OrderEvent[] {
  const { orderId, status, paymentTerms, amount } = state;
  const shippable = status === 'paid' || (status === 'placed' && paymentTerms === 'on_account');
  if (!shippable) throw new OrderNotShippableError({ orderId, orderStatus: status, paymentTerms });
  const shipment = { ...definedOnly({ carrier }), trackingNumber };
  return [{ type: 'OrderShipped', data: { ...customerOf(state), amount, paymentTerms, ...shipment } }];
}

function deliver({ signature }: DeliverOrder, state: OrderState): readonly OrderEvent[] {
  if (state.status !== 'shipped')
    throw new OrderNotDeliverableError({ orderId: state.orderId, orderStatus: state.status });
  return [{ type: 'OrderDelivered', data: { ...customerOf(state), ...definedOnly({ signature }) } }];
}

function cancel({ reason, userId, onlyIfUnpaid }: CancelOrder, state: OrderState): readonly OrderEvent[] {
  const { orderId, status, amount, paidAmount, refundedAmount, paymentTerms } = state;
  if (status !== 'draft' && status !== 'placed' && status !== 'paid') {
    throw new OrderNotCancellableError({ orderId, orderStatus: status });
  }
  if (onlyIfUnpaid === true && state.paidAt !== undefined) throw new OrderAlreadyPaidError({ orderId });
  const money = { amount, paidAmount, refundedTotal: refundedAmount, paymentTerms };
  const why = { previousStatus: status, reason, cancelledBy: userId };
  return [{ type: 'OrderCancelled', data: { ...customerOf(state), ...why, ...money } }];
}

function refund(command: RefundOrder, state: OrderState): readonly OrderEvent[] {
  const { orderId, status, paidAmount, refundedAmount } = state;
  if (state.paidAt === undefined) throw new OrderNotPaidError({ orderId, orderStatus: status });
  const refundable = subtractMoney(paidAmount, refundedAmount);
  if (refundable.minor <= 0) throw new NothingToRefundError({ orderId });
  const amount = command.amount === 'remaining' ? refundable : command.amount;
  requireCurrency(amount, state);
  if (amount.minor <= 0) throw new AmountNotPositiveError({ orderId, actual: amount });
  if (amount.minor > refundable.minor)
    throw new RefundExceedsPaidError({ orderId, requested: amount, refundable });
  const refundedTotal = { minor: refundedAmount.minor + amount.minor, currency: amount.currency };
  const full = refundedTotal.minor === paidAmount.minor;
  const money = { amount, paidAmount, refundedTotal, full };
  return [{ type: 'OrderRefunded', data: { ...customerOf(state), ...money, reason: command.reason } }];
}

function requireDraft({ orderId, status }: OrderState): void {
  if (status !== 'draft') throw new OrderNotDraftError({ orderId, orderStatus: status });
}

/**
 * Who gets the mail; on every event, so that no reader has to look it up. An address from before such were refused goes
 * no further: with it the order could take no event any more.
 */
function customerOf({
  orderId,
  userId,
  email,
}: OrderState): Pick<OrderPlaced['data'], 'orderId' | 'userId' | 'email'> {
  const isUsable = email !== undefined && isMailAddress(email);
  return { orderId, userId, ...(isUsable ? { email } : {}) };
}
