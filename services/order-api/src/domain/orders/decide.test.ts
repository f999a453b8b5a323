import { type Money, type OrderEvent, type OrderItem, type OrderState, orderFold } from '@headrace/shop';
import { decider } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import type { CancelOrder, OrderCommand, PlaceOrder, RefundOrder } from './commands.ts';
import { orderDecider } from './decide.ts';

const orderId = 'o-1';
const owner = { orderId, userId: 'u-1' };
const customer = { ...owner, email: 'ada@example.com' };
const usd = (minor: number): Money => ({ minor, currency: 'USD' });
const book: OrderItem = { id: 'book', name: 'A Book', quantity: 2, price: usd(1000) };
const gift: OrderItem = { id: 'gift', name: 'A Gift', quantity: 1 };

const placed: OrderEvent = {
  type: 'OrderPlaced',
  data: { ...customer, items: [book], amount: usd(2000), paymentTerms: 'prepaid' },
};
const placedOnAccount: OrderEvent = { ...placed, data: { ...placed.data, paymentTerms: 'on_account' } };
const created: OrderEvent = {
  type: 'OrderCreated',
  data: { ...customer, currency: 'USD', paymentTerms: 'prepaid' },
};
const added = (item: OrderItem): OrderEvent => ({ type: 'OrderItemAdded', data: { ...owner, item } });
const paid: OrderEvent = {
  type: 'PaymentReceived',
  data: { ...customer, amount: usd(2000), paymentMethod: 'card', paymentTerms: 'prepaid' },
};
const shipped: OrderEvent = {
  type: 'OrderShipped',
  data: { ...customer, amount: usd(2000), paymentTerms: 'prepaid', carrier: 'DHL', trackingNumber: 'T1' },
};
const delivered: OrderEvent = { type: 'OrderDelivered', data: customer };
const cancelled = (previousStatus: 'draft' | 'placed' | 'paid'): OrderEvent => {
  const paidAmount = usd(previousStatus === 'paid' ? 2000 : 0);
  const money = { amount: usd(2000), paidAmount, refundedTotal: usd(0), paymentTerms: 'prepaid' as const };
  const why = { previousStatus, reason: 'changed my mind', cancelledBy: 'u-1' };
  return { type: 'OrderCancelled', data: { ...customer, ...why, ...money } };
};
const refunded = (minor: number, total: number): OrderEvent => {
  const money = {
    amount: usd(minor),
    paidAmount: usd(2000),
    refundedTotal: usd(total),
    full: total === 2000,
  };
  return { type: 'OrderRefunded', data: { ...customer, ...money, reason: 'broken' } };
};

const place: PlaceOrder = { type: 'PlaceOrder', ...customer, currency: 'USD', items: [book] };
const pay = (amount = usd(2000)): OrderCommand => ({
  type: 'PayOrder',
  orderId,
  amount,
  paymentMethod: 'card',
});
const ship: OrderCommand = { type: 'ShipOrder', orderId, carrier: 'DHL', trackingNumber: 'T1' };
const deliver: OrderCommand = { type: 'DeliverOrder', orderId };
const cancel: CancelOrder = { type: 'CancelOrder', orderId, reason: 'changed my mind', userId: 'u-1' };
const refund = (amount: RefundOrder['amount']): OrderCommand => ({
  type: 'RefundOrder',
  orderId,
  amount,
  reason: 'broken',
});
const add = (item: OrderItem): OrderCommand => ({ type: 'AddItem', orderId, item });
const confirm: OrderCommand = { type: 'ConfirmOrder', orderId };

const moment = '2026-01-15T14:00:00.000Z';
const context = { id: '0-1-0', version: 1, occurredAt: moment, recordedAt: moment };
const { given } = decider<OrderState | null, OrderEvent, OrderCommand>({
  initialState: orderFold.initialState,
  evolve: (state, event) => orderDecider.evolve(state, event, context),
  decide: orderDecider.decide,
});

it('names the order in new events as its stream has it, whatever events from before say', () => {
  for (const before of ['order:o-1', 'other'])
    given({ ...placed, data: { ...placed.data, orderId: before } })
      .when(pay())
      .then(paid);
});

it('does not carry on an address that is none, from before such were refused', () => {
  const bad: OrderEvent = { ...placed, data: { ...placed.data, email: 'a..b@example.com' } };
  given(bad)
    .when(pay())
    .then({ ...paid, data: { ...owner, amount: usd(2000), paymentMethod: 'card', paymentTerms: 'prepaid' } });
});

describe('placing an order', () => {
  it('takes the sum of the prices as the amount', () => {
    given().when(place).then(placed);
  });

  it('accepts an amount that equals the sum', () => {
    given()
      .when({ ...place, amount: usd(2000) })
      .then(placed);
  });

  it('refuses an amount that differs from the sum', () => {
    given()
      .when({ ...place, amount: usd(1999) })
      .thenRejects('AMOUNT_MISMATCH', { kind: 'invalid-value', expected: usd(2000), actual: usd(1999) });
  });

  it('takes a given amount when an item has no price', () => {
    given()
      .when({ ...place, items: [book, gift], amount: usd(2500) })
      .thenState({ items: [book, gift], amount: usd(2500) });
  });

  it('requires an amount when an item has no price', () => {
    given()
      .when({ ...place, items: [book, gift] })
      .thenRejects('AMOUNT_REQUIRED', { kind: 'invalid-value' });
  });

  it('refuses an order without items', () => {
    given()
      .when({ ...place, items: [], amount: usd(1) })
      .thenRejects('EMPTY_ORDER');
  });

  it('refuses an id that is taken, by a draft too', () => {
    given(placed).when(place).thenRejects('ORDER_ALREADY_EXISTS', { kind: 'state-forbids', orderId });
    given(created).when(place).thenRejects('ORDER_ALREADY_EXISTS');
  });

  it('adds up the pieces of an item that appears twice', () => {
    given()
      .when({ ...place, items: [book, { ...book, quantity: 3 }] })
      .thenState({ items: [{ ...book, quantity: 5 }], amount: usd(5000) });
  });

  it('refuses one item with two prices', () => {
    given()
      .when({ ...place, items: [book, { ...book, price: usd(999) }] })
      .thenRejects('PRICE_CONFLICT', { itemId: 'book', expected: usd(1000), actual: usd(999) });
    given()
      .when({ ...place, items: [book, { ...gift, id: 'book' }] })
      .thenRejects('PRICE_CONFLICT', { actual: undefined });
  });

  it('refuses prices and amounts of another currency', () => {
    const euros = { minor: 2000, currency: 'EUR' };
    given()
      .when({ ...place, items: [{ ...book, price: euros }] })
      .thenRejects('CURRENCY_MISMATCH', { expected: 'USD', actual: 'EUR' });
    given()
      .when({ ...place, amount: euros })
      .thenRejects('CURRENCY_MISMATCH');
  });

  it('refuses more than an event can hold', () => {
    const items = Array.from({ length: 501 }, (_, index) => ({ ...gift, id: `gift-${index}` }));
    given()
      .when({ ...place, items })
      .thenRejects('TOO_MANY_ITEMS', { limit: 500 });
    const heap = { ...book, quantity: 1_000_000 };
    given()
      .when({ ...place, items: [heap, heap] })
      .thenRejects('QUANTITY_TOO_LARGE', { itemId: 'book' });
    const dear = { ...heap, price: usd(999_999_999_999_999) };
    given()
      .when({ ...place, items: [dear] })
      .thenRejects('AMOUNT_OUT_OF_RANGE');
  });

  it('leaves absent fields absent', () => {
    const [event] = orderDecider.decide({ ...place, email: undefined, paymentTerms: 'on_account' }, null);
    expect(event).toStrictEqual({
      type: 'OrderPlaced',
      data: { ...owner, items: [book], amount: usd(2000), paymentTerms: 'on_account' },
    });
  });
});

describe('a draft', () => {
  const draft: OrderCommand = { type: 'CreateDraft', ...customer, currency: 'USD' };

  it('opens empty or with items', () => {
    given().when(draft).then(created);
    given()
      .when({ ...draft, items: [book, gift] })
      .then(created, added(book), added(gift));
  });

  it('does not open over an order that exists', () => {
    given(placed).when(draft).thenRejects('ORDER_ALREADY_EXISTS');
  });

  it('gains items, and pieces of the same item', () => {
    given(created).when(add(book)).then(added(book));
    given(created, added(book))
      .when(add(book))
      .thenState({ items: [{ ...book, quantity: 4 }] });
  });

  it('refuses an item whose price disagrees', () => {
    const cheaper = { ...book, price: usd(1) };
    given(created, added(book))
      .when(add(cheaper))
      .thenRejects('PRICE_CONFLICT', { expected: usd(1000) });
  });

  it('refuses a price of another currency', () => {
    const euros = { ...book, price: { minor: 1, currency: 'EUR' } };
    given(created).when(add(euros)).thenRejects('CURRENCY_MISMATCH');
  });

  it('refuses items that together cost more than money can hold', () => {
    const dear = { ...book, quantity: 1, price: usd(999_999_999_999_999) };
    const cheap = { ...book, id: 'cheap', quantity: 1, price: usd(1) };
    given(created, added(dear)).when(add(cheap)).thenRejects('AMOUNT_OUT_OF_RANGE');
    given()
      .when({ ...draft, items: [dear, cheap] })
      .thenRejects('AMOUNT_OUT_OF_RANGE');
  });

  it('loses items', () => {
    const event = { type: 'OrderItemRemoved', data: { ...owner, itemId: 'book' } } as const;
    given(created, added(book)).when({ type: 'RemoveItem', orderId, itemId: 'book' }).then(event);
  });

  it('refuses to lose an item that it does not have', () => {
    given(created)
      .when({ type: 'RemoveItem', orderId, itemId: 'book' })
      .thenRejects('ITEM_NOT_FOUND', { kind: 'not-found', itemId: 'book' });
  });

  it('is confirmed and placed at once', () => {
    const confirmed = { type: 'OrderConfirmed', data: { ...owner, amount: usd(2000) } } as const;
    given(created, added(book)).when(confirm).then(confirmed, placed);
  });

  it('is not confirmed when empty, without a needed amount, or twice', () => {
    given(created).when(confirm).thenRejects('EMPTY_ORDER', { kind: 'state-forbids' });
    given(created, added(gift)).when(confirm).thenRejects('AMOUNT_REQUIRED');
    given(placed).when(confirm).thenRejects('ORDER_NOT_DRAFT', { orderStatus: 'placed' });
  });

  it('keeps its items once it is placed', () => {
    given(placed)
      .when(add(book))
      .thenRejects('ORDER_NOT_DRAFT', { kind: 'state-forbids', orderStatus: 'placed' });
    given(placed).when({ type: 'RemoveItem', orderId, itemId: 'book' }).thenRejects('ORDER_NOT_DRAFT');
  });

  it('can neither be paid nor shipped', () => {
    given(created, added(book)).when(pay()).thenRejects('ORDER_NOT_PAYABLE', { orderStatus: 'draft' });
    given(created, added(book)).when(ship).thenRejects('ORDER_NOT_SHIPPABLE', { orderStatus: 'draft' });
  });
});

describe('payment', () => {
  it('takes the exact amount', () => {
    given(placed).when(pay()).then(paid);
  });

  it('rejects a second payment, in any later state', () => {
    for (const later of [[], [shipped], [shipped, delivered], [refunded(2000, 2000)]]) {
      given(placed, paid, ...later)
        .when(pay())
        .thenRejects('ORDER_ALREADY_PAID', { kind: 'state-forbids' });
    }
  });

  it('rejects another amount or currency', () => {
    given(placed)
      .when(pay(usd(1999)))
      .thenRejects('AMOUNT_MISMATCH', { expected: usd(2000), actual: usd(1999) });
    given(placed)
      .when(pay({ minor: 2000, currency: 'EUR' }))
      .thenRejects('CURRENCY_MISMATCH');
  });

  it('rejects a payment of a cancelled order', () => {
    given(placed, cancelled('placed'))
      .when(pay())
      .thenRejects('ORDER_NOT_PAYABLE', { orderStatus: 'cancelled' });
  });

  it('of an order on account may follow the shipment', () => {
    given(placedOnAccount, shipped)
      .when(pay())
      .thenState({ status: 'shipped', paidAmount: usd(2000) });
  });
});

describe('shipping and delivery', () => {
  it('ships a paid order', () => {
    given(placed, paid).when(ship).then(shipped);
  });

  it('ships an order on account before it is paid', () => {
    given(placedOnAccount).when(ship).thenState({ status: 'shipped' });
  });

  it('rejects shipping before payment, twice, or after cancelling', () => {
    given(placed).when(ship).thenRejects('ORDER_NOT_SHIPPABLE', {
      kind: 'state-forbids',
      orderStatus: 'placed',
      paymentTerms: 'prepaid',
    });
    given(placed, paid, shipped).when(ship).thenRejects('ORDER_NOT_SHIPPABLE');
    given(placed, paid, cancelled('paid')).when(ship).thenRejects('ORDER_NOT_SHIPPABLE');
  });

  it('delivers a shipped order only, and once', () => {
    given(placed, paid, shipped).when(deliver).then(delivered);
    given(placed, paid).when(deliver).thenRejects('ORDER_NOT_DELIVERABLE', { orderStatus: 'paid' });
    given(placed, paid, shipped, delivered).when(deliver).thenRejects('ORDER_NOT_DELIVERABLE');
  });
});

describe('cancelling', () => {
  it('is possible until the order is shipped, and says what was paid', () => {
    given(placed).when(cancel).then(cancelled('placed'));
    given(placed, paid).when(cancel).then(cancelled('paid'));
    given(created, added(book)).when(cancel).then(cancelled('draft'));
  });

  it.each([
    ['shipped', [shipped]],
    ['delivered', [shipped, delivered]],
    ['cancelled', [cancelled('paid')]],
    ['refunded', [refunded(2000, 2000)]],
  ])('rejects a %s order', (status, later) => {
    given(placed, paid, ...later)
      .when(cancel)
      .thenRejects('ORDER_NOT_CANCELLABLE', { orderStatus: status });
  });

  it('for want of payment loses against a payment', () => {
    const unpaid: CancelOrder = { ...cancel, onlyIfUnpaid: true };
    given(placed).when(unpaid).then(cancelled('placed'));
    given(placed, paid).when(unpaid).thenRejects('ORDER_ALREADY_PAID');
  });
});

describe('refunding', () => {
  it('goes in parts up to what was paid', () => {
    given(placed, paid)
      .when(refund(usd(500)))
      .then(refunded(500, 500));
    given(placed, paid, refunded(500, 500))
      .when(refund(usd(1500)))
      .then(refunded(1500, 2000));
  });

  it('gives back what remains', () => {
    given(placed, paid, refunded(500, 500)).when(refund('remaining')).then(refunded(1500, 2000));
  });

  it('makes a paid, shipped or delivered order refunded, but leaves a cancelled one cancelled', () => {
    for (const later of [[], [shipped], [shipped, delivered]]) {
      given(placed, paid, ...later)
        .when(refund('remaining'))
        .thenState({ status: 'refunded' });
    }
    given(placed, paid, cancelled('paid')).when(refund('remaining')).thenState({ status: 'cancelled' });
  });

  it('rejects more than is left', () => {
    given(placed, paid, refunded(500, 500))
      .when(refund(usd(1501)))
      .thenRejects('REFUND_EXCEEDS_PAID', { requested: usd(1501), refundable: usd(1500) });
  });

  it('rejects before payment and after the last cent', () => {
    given(placed).when(refund('remaining')).thenRejects('ORDER_NOT_PAID', { kind: 'state-forbids' });
    given(placed, paid, refunded(2000, 2000)).when(refund('remaining')).thenRejects('NOTHING_TO_REFUND');
  });

  it('rejects zero and other currencies', () => {
    given(placed, paid)
      .when(refund(usd(0)))
      .thenRejects('AMOUNT_NOT_POSITIVE', { kind: 'invalid-value' });
    given(placed, paid)
      .when(refund({ minor: 1, currency: 'EUR' }))
      .thenRejects('CURRENCY_MISMATCH');
  });
});

describe('an order that does not exist', () => {
  it.each([pay(), ship, deliver, cancel, refund('remaining'), confirm, add(book)])(
    'refuses $type',
    (command) => {
      given().when(command).thenRejects('ORDER_NOT_FOUND', { kind: 'not-found', orderId });
    },
  );
});
