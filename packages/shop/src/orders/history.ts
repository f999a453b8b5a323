import type { History } from '@headrace/event-schema';
import { equalMoney, type Money, subtractMoney } from '../money/money.ts';
import { foreignCurrency } from '../money/one-currency.ts';
import type { OrderCancelled, OrderEvent, OrderRefunded, PaymentReceived } from './contracts.ts';
import { type OrderState, orderFold } from './state.ts';

/** What no books could be kept of. Wider than the rules for commands: an old system may have had other ones. */
export const orderHistory: History<OrderState | null, OrderEvent> = {
  fold: orderFold,
  issueOf: (state, { data }, stream) => foreignCurrency(state?.currency, data, stream),
  contradiction: (state, event) => {
    if (event.type === 'OrderCreated') return state === null ? undefined : 'the order was created before';
    if (state === null) return event.type === 'OrderPlaced' ? undefined : 'the order was never created';
    return contradictionOfChange(state, event);
  },
};

function contradictionOfChange(state: OrderState, event: OrderEvent): string | undefined {
  const wasPlaced = state.placedAt !== undefined;
  switch (event.type) {
    case 'OrderCancelled':
      return cancellation(state, event);
    case 'OrderItemAdded':
    case 'OrderItemRemoved':
    case 'OrderConfirmed':
    case 'OrderPlaced':
      if (wasPlaced) return 'the order was placed before';
      return state.cancelledAt === undefined ? undefined : 'the order is cancelled';
    default:
      return wasPlaced ? contradictionAfterPlacing(state, event) : 'the order was never placed';
  }
}

function contradictionAfterPlacing(state: OrderState, event: OrderEvent): string | undefined {
  switch (event.type) {
    case 'PaymentReceived':
      return payment(state, event);
    case 'OrderRefunded':
      return refund(state, event);
    default:
      // sent, it would no longer be cancelled for those who decide by its status
      return state.cancelledAt === undefined ? undefined : 'the order is cancelled';
  }
}

function payment(state: OrderState, { data }: PaymentReceived): string | undefined {
  if (state.cancelledAt !== undefined) return 'the order is cancelled';
  if (state.paidAt !== undefined) return 'the order was paid before';
  if (equalMoney(data.amount, state.amount)) return undefined;
  return `the order is about ${show(state.amount)}, not ${show(data.amount)}`;
}

function cancellation(state: OrderState, { data }: OrderCancelled): string | undefined {
  if (state.cancelledAt !== undefined) return 'the order was cancelled before';
  const wasPlaced = state.placedAt !== undefined;
  if (wasPlaced === (data.previousStatus === 'draft'))
    return wasPlaced ? 'the order is no draft any more' : 'the order was never placed';
  if (wasPlaced && (data.previousStatus === 'paid') !== (state.paidAt !== undefined))
    return state.paidAt === undefined ? 'the order was never paid' : 'the order was paid';
  if (isGivenBack(state)) return 'all that was paid was given back before';
  return contradictionOfSums(state, data, state.refundedAmount);
}

function refund(state: OrderState, { data }: OrderRefunded): string | undefined {
  const { amount, refundedTotal, full } = data;
  const { paidAmount, refundedAmount } = state;
  if (state.paidAt === undefined) return 'the order was never paid';
  const refundable = subtractMoney(paidAmount, refundedAmount);
  if (amount.minor > refundable.minor) return `${show(refundable)} can be given back, not ${show(amount)}`;
  if (isGivenBack(state)) return 'all that was paid was given back before';
  if (state.cancelledAt !== undefined && paidAmount.minor === 0)
    return 'the order was free, and is cancelled';
  const total = { ...amount, minor: refundedAmount.minor + amount.minor };
  const why = contradictionOfSums(state, data, total);
  if (why !== undefined) return why;
  const isFull = refundedTotal.minor === paidAmount.minor;
  return full === isFull ? undefined : `the refund is ${isFull ? '' : 'not '}full`;
}

function contradictionOfSums(
  { paidAmount }: OrderState,
  said: Pick<OrderRefunded['data'], 'paidAmount' | 'refundedTotal'>,
  refundedTotal: Money,
): string | undefined {
  if (said.paidAmount.minor !== paidAmount.minor)
    return `${show(paidAmount)} were paid, not ${show(said.paidAmount)}`;
  if (said.refundedTotal.minor === refundedTotal.minor) return undefined;
  return `${show(refundedTotal)} are given back, so refundedTotal cannot be ${show(said.refundedTotal)}`;
}

function isGivenBack({ paidAmount, refundedAmount }: OrderState): boolean {
  return refundedAmount.minor > 0 && refundedAmount.minor >= paidAmount.minor;
}

function show({ minor, currency }: Money): string {
  return `${minor} minor units of ${currency}`;
}
