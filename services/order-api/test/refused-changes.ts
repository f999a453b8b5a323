import { expect } from 'vitest';
import { CANCELLATION, type Headers, type OrderStage, PAYMENT, SHIPMENT } from './order-api.ts';

interface More {
  readonly method?: 'POST' | 'DELETE';
  /** How the order differs from the usual one. */
  readonly order?: object;
  readonly headers?: Headers;
  readonly members?: object;
}

/** What is refused, the stage that the order is in, what is asked of it, and how it is refused. */
export type Row = [
  name: string,
  given: OrderStage,
  action: string,
  body: unknown,
  status: number,
  type: string,
  more?: More,
];

/** An item of a draft. */
export const pen = { id: 'pen', name: 'Pen', price: 1.5 };
const json = { 'content-type': 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** Requests that are wrong whatever the order is like. */
export const SHAPE: readonly Row[] = [
  ['malformed JSON', 'placed', 'payment', '{"amount":', 400, 'malformed-json', { headers: json }],
  ['an array', 'placed', 'payment', [], 400, 'invalid-request'],
  [
    'an unknown field',
    'placed',
    'payment',
    { ...PAYMENT, tip: 5 },
    400,
    'invalid-request',
    { members: { errors: [{ in: 'body', path: 'tip', message: 'is not a known field' }] } },
  ],
  ['an unknown field of an item', 'draft', 'items', { ...pen, colour: 'red' }, 400, 'invalid-request'],
  ['an amount in quotes', 'placed', 'payment', { ...PAYMENT, amount: '2499.99' }, 400, 'invalid-request'],
  [
    'a missing field',
    'paid',
    'ship',
    { carrier: 'UPS' },
    400,
    'invalid-request',
    { members: { errors: [expect.objectContaining({ path: 'trackingNumber' })] } },
  ],
  ['no body where one is needed', 'placed', 'cancel', undefined, 400, 'invalid-request'],
  ['an empty reason', 'placed', 'cancel', { reason: '', userId: 'u' }, 400, 'invalid-request'],
  ['a quantity of zero', 'draft', 'items', { ...pen, quantity: 0 }, 400, 'invalid-request'],
  ['half a piece', 'draft', 'items', { ...pen, quantity: 0.5 }, 400, 'invalid-request'],
  [
    'an If-Match that is no version',
    'placed',
    'payment',
    PAYMENT,
    400,
    'invalid-request',
    { headers: { 'if-match': '"abc"' } },
  ],
  [
    'two different preconditions',
    'placed',
    'payment',
    { ...PAYMENT, expectedVersion: 1 },
    400,
    'invalid-request',
    { headers: { 'if-match': '"2"' } },
  ],
  [
    'an Idempotency-Key with blanks',
    'placed',
    'payment',
    PAYMENT,
    400,
    'invalid-request',
    { headers: { 'idempotency-key': 'a b' } },
  ],
  [
    'a body beyond the limit',
    'placed',
    'cancel',
    { reason: 'x'.repeat(1024 ** 2), userId: 'u' },
    413,
    'body-too-large',
  ],
  ['a form', 'placed', 'cancel', 'reason=x', 415, 'unsupported-media-type', { headers: form }],
];

/** Requests that come too late, too early or twice. */
export const STATE: readonly Row[] = [
  [
    'paying a draft',
    'draft',
    'payment',
    PAYMENT,
    409,
    'order-not-payable',
    { members: { detail: expect.stringContaining('draft') } },
  ],
  ['paying twice', 'paid', 'payment', PAYMENT, 409, 'order-already-paid'],
  ['paying a cancelled order', 'cancelled', 'payment', PAYMENT, 409, 'order-not-payable'],
  [
    'shipping an unpaid order',
    'placed',
    'ship',
    SHIPMENT,
    409,
    'order-not-shippable',
    { members: { status: 409 } },
  ],
  ['shipping twice', 'shipped', 'ship', SHIPMENT, 409, 'order-not-shippable'],
  ['delivering what was not shipped', 'paid', 'deliver', undefined, 409, 'order-not-deliverable'],
  ['delivering twice', 'delivered', 'deliver', {}, 409, 'order-not-deliverable'],
  ['cancelling a shipped order', 'shipped', 'cancel', CANCELLATION, 409, 'order-not-cancellable'],
  ['cancelling twice', 'cancelled', 'cancel', CANCELLATION, 409, 'order-not-cancellable'],
  ['refunding an unpaid order', 'placed', 'refund', { amount: 1, reason: 'r' }, 409, 'order-not-paid'],
  [
    'refunding what has been refunded',
    'refunded',
    'refund',
    { amount: 1, reason: 'r' },
    409,
    'nothing-to-refund',
  ],
  ['confirming an empty draft', 'draft', 'confirm', { amount: 1 }, 409, 'empty-order'],
  ['confirming twice', 'placed', 'confirm', undefined, 409, 'order-not-draft'],
  ['adding to a placed order', 'placed', 'items', pen, 409, 'order-not-draft'],
  [
    'removing from a placed order',
    'placed',
    'items/item1',
    undefined,
    409,
    'order-not-draft',
    { method: 'DELETE' },
  ],
  [
    'removing an item that is not there',
    'draft',
    'items/pen',
    undefined,
    404,
    'item-not-found',
    { method: 'DELETE', members: { itemId: 'pen' } },
  ],
  [
    'a pinned version that has passed',
    'paid',
    'ship',
    { ...SHIPMENT, expectedVersion: 1 },
    409,
    'wrong-expected-version',
    { members: { expected: 1, actual: 2 } },
  ],
  [
    'a pinned version in a removal',
    'draft',
    'items/pen',
    { expectedVersion: 7 },
    409,
    'wrong-expected-version',
    { method: 'DELETE', members: { expected: 7, actual: 1 } },
  ],
  [
    'If-Match with a version that has passed',
    'paid',
    'ship',
    SHIPMENT,
    412,
    'wrong-expected-version',
    { headers: { 'if-match': '"1"' }, members: { expected: 1, actual: 2 } },
  ],
  [
    'If-Match with version zero',
    'paid',
    'ship',
    SHIPMENT,
    412,
    'wrong-expected-version',
    { headers: { 'if-match': '0' } },
  ],
];

/** Requests of the right shape with a value that cannot be. */
export const VALUE: readonly Row[] = [
  [
    'paying too little',
    'placed',
    'payment',
    { ...PAYMENT, amount: 2499.98 },
    422,
    'amount-mismatch',
    { members: { expected: 2499.99, actual: 2499.98 } },
  ],
  ['paying nothing', 'placed', 'payment', { ...PAYMENT, amount: 0 }, 422, 'amount-mismatch'],
  ['paying less than nothing', 'placed', 'payment', { ...PAYMENT, amount: -1 }, 422, 'amount-negative'],
  [
    'too many decimals',
    'placed',
    'payment',
    { ...PAYMENT, amount: 2499.991 },
    422,
    'too-many-decimals',
    { members: { amount: 2499.991, currency: 'USD', allowed: 2 } },
  ],
  [
    'decimals of a yen',
    'placed',
    'payment',
    { ...PAYMENT, amount: 100.5 },
    422,
    'too-many-decimals',
    { order: { currency: 'JPY', amount: 100 } },
  ],
  [
    'an unknown currency',
    'placed',
    'payment',
    { ...PAYMENT, currency: 'XXQ' },
    422,
    'unknown-currency',
    { members: { currency: 'XXQ' } },
  ],
  [
    'a currency in small letters',
    'placed',
    'payment',
    { ...PAYMENT, currency: 'usd' },
    422,
    'unknown-currency',
  ],
  [
    'another currency',
    'placed',
    'payment',
    { ...PAYMENT, currency: 'EUR' },
    422,
    'currency-mismatch',
    { members: { expected: 'USD', actual: 'EUR' } },
  ],
  ['another currency for a confirmation', 'draft', 'confirm', { currency: 'EUR' }, 422, 'currency-mismatch'],
  [
    'a refund that is too large',
    'paid',
    'refund',
    { amount: 2500, reason: 'r' },
    422,
    'refund-exceeds-paid',
    { members: { requested: 2500, refundable: 2499.99 } },
  ],
  ['a refund of nothing', 'paid', 'refund', { amount: 0, reason: 'r' }, 422, 'amount-not-positive'],
  ['a price beyond all money', 'draft', 'items', { ...pen, price: 1e300 }, 422, 'amount-out-of-range'],
  [
    'prices that come to more than money holds',
    'draft',
    'items',
    { ...pen, price: 9_999_999_999.99, quantity: 1_000_000 },
    422,
    'amount-out-of-range',
  ],
  [
    'an amount that is infinite in JavaScript',
    'placed',
    'payment',
    '{"paymentMethod":"card","amount":1e999}',
    422,
    'json-not-exact',
    { headers: json },
  ],
];
