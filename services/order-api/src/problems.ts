import { mapByCode, type Problem, type ProblemMapper, type ProblemRule } from '@headrace/service-kit';
import { withDecimals } from '@headrace/shop';

const EXPECTED = ['orderId', 'expected', 'actual'];
const STATUS = ['orderId', 'orderStatus'];

/** Every refusal of an order command and of a request's money, by its code. */
const RULES: Readonly<Record<string, ProblemRule>> = {
  ORDER_NOT_FOUND: { status: 404, title: 'Order not found', fields: ['orderId'] },
  ITEM_NOT_FOUND: { status: 404, title: 'Item not found', fields: ['orderId', 'itemId'] },

  ORDER_ALREADY_EXISTS: { status: 409, title: 'Order exists already', fields: ['orderId'] },
  ORDER_NOT_DRAFT: { status: 409, title: 'Order is no longer a draft', fields: STATUS },
  EMPTY_ORDER: { status: 409, title: 'Order has no items', fields: ['orderId'] },
  ORDER_NOT_PAYABLE: { status: 409, title: 'Order cannot be paid', fields: STATUS },
  ORDER_ALREADY_PAID: { status: 409, title: 'Order has been paid already', fields: ['orderId'] },
  ORDER_NOT_SHIPPABLE: {
    status: 409,
    title: 'Order cannot be shipped',
    fields: [...STATUS, 'paymentTerms'],
  },
  ORDER_NOT_DELIVERABLE: { status: 409, title: 'Order cannot be delivered', fields: STATUS },
  ORDER_NOT_CANCELLABLE: { status: 409, title: 'Order cannot be cancelled', fields: STATUS },
  ORDER_NOT_PAID: { status: 409, title: 'Order has not been paid', fields: STATUS },
  NOTHING_TO_REFUND: { status: 409, title: 'Nothing is left to refund', fields: ['orderId'] },

  REFUND_EXCEEDS_PAID: {
    status: 422,
    title: 'Refund exceeds what was paid',
    fields: ['orderId', 'requested', 'refundable'],
  },
  AMOUNT_MISMATCH: { status: 422, title: 'Amount differs', fields: EXPECTED },
  CURRENCY_MISMATCH: { status: 422, title: 'Currency differs', fields: EXPECTED },
  AMOUNT_REQUIRED: { status: 422, title: 'Amount required', fields: ['orderId'] },
  AMOUNT_NOT_POSITIVE: { status: 422, title: 'Amount is not above zero', fields: ['orderId', 'actual'] },
  PRICE_CONFLICT: {
    status: 422,
    title: 'Item is in the order at another price',
    fields: [...EXPECTED, 'itemId'],
  },
  TOO_MANY_ITEMS: { status: 422, title: 'Too many items', fields: ['orderId', 'limit'] },
  QUANTITY_TOO_LARGE: { status: 422, title: 'Quantity too large', fields: ['orderId', 'itemId', 'limit'] },

  AMOUNT_NEGATIVE: { status: 422, title: 'Amount below zero' },
  TOO_MANY_DECIMALS: {
    status: 422,
    title: 'Too many decimals',
    fields: ['amount', 'currency', 'allowed'],
  },
  UNKNOWN_CURRENCY: { status: 422, title: 'Unknown currency', fields: ['currency'] },
  AMOUNT_OUT_OF_RANGE: { status: 422, title: 'Amount out of range', fields: ['currency'] },
};

const byCode = mapByCode(RULES);

/** Maps what this service refuses, with amounts as decimal numbers. */
export const orderProblems: ProblemMapper = (error, context) => {
  const found = byCode(error, context);
  return found === undefined ? undefined : inDecimals(found);
};

function inDecimals({ type, title, status, ...members }: Problem): Problem {
  const presented = Object.entries(members).map(([name, value]) => [name, withDecimals(value)]);
  return { ...Object.fromEntries(presented), type, title, status };
}
