import type { EventEnvelope } from '@headrace/event-schema';
import { type OrderEvent, type OrderState, orderFold, withDecimals } from '@headrace/shop';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderAnswer } from './order-answer.ts';
import { orderEventSchema, presentEvent } from './present-event.ts';
import { orderSchema, presentOrder } from './present-order.ts';

const at = '2026-01-15T14:00:00.000Z';
const money = (minor: number, currency = 'USD') => ({ minor, currency });

const placed: OrderEvent = {
  type: 'OrderPlaced',
  data: {
    orderId: 'o-1',
    userId: 'u-1',
    items: [
      { id: 'a', name: 'A', quantity: 2, price: money(1050) },
      { id: 'b', name: 'B', quantity: 1 },
    ],
    amount: money(249_999),
    paymentTerms: 'prepaid',
  },
};

function stateOf(...events: readonly OrderEvent[]): OrderState {
  const context = (version: number) => ({ id: `0-1-${version}`, version, occurredAt: at, recordedAt: at });
  const state = events.reduce<OrderState | null>(
    (before, event, i) => orderFold.evolve(before, event, context(i + 1)),
    null,
  );
  if (state === null) throw new Error('no order');
  return state;
}

function envelope(data: unknown, more: Partial<EventEnvelope> = {}): EventEnvelope {
  return {
    id: '0-1-1',
    position: '0-1-1',
    stream: 'order:o-1',
    category: 'order',
    version: 1,
    type: 'OrderPlaced',
    schemaVersion: 3,
    data,
    recordedAt: at,
    occurredAt: '2025-12-24T00:00:00.000Z',
    meta: { commandId: 'c', correlationId: 'd', actor: 'ann', ip: '10.0.0.1', fingerprint: 'f' },
    ...more,
  };
}

describe('presentOrder', () => {
  it('shows money as decimal numbers, and leaves out what is not there', () => {
    const entries = [{ type: 'OrderPlaced', timestamp: at, eventId: '0-1-1' }];
    const shown = presentOrder(stateOf(placed), 1, { entries, hasEarlier: false });
    expect(shown).toStrictEqual({
      orderId: 'o-1',
      userId: 'u-1',
      status: 'placed',
      items: [
        { id: 'a', name: 'A', quantity: 2, price: 10.5 },
        { id: 'b', name: 'B', quantity: 1 },
      ],
      amount: 2499.99,
      currency: 'USD',
      paymentTerms: 'prepaid',
      paidAmount: 0,
      refundedAmount: 0,
      createdAt: at,
      placedAt: at,
      version: 1,
      history: entries,
    });
    expect(orderSchema.strict().parse(shown)).toEqual(shown);
  });

  it('takes the version of the stream, which may hold events that the fold does not know', () => {
    expect(presentOrder(stateOf(placed), 7, { entries: [], hasEarlier: false }).version).toBe(7);
  });
});

describe('presentEvent', () => {
  it('shows decimal amounts with their currency, and business time as its time', () => {
    const shown = presentEvent(envelope(placed.data));
    expect(shown).toMatchObject({
      timestamp: '2025-12-24T00:00:00.000Z',
      recordedAt: at,
      data: {
        amount: 2499.99,
        currency: 'USD',
        items: [{ price: 10.5 }, { id: 'b', name: 'B', quantity: 1 }],
      },
    });
    expect(orderEventSchema.strict().parse(shown)).toEqual(shown);
  });

  it('keeps address and fingerprint of the caller to itself', () => {
    expect(presentEvent(envelope({})).meta).toStrictEqual({
      commandId: 'c',
      correlationId: 'd',
      actor: 'ann',
    });
  });

  it('leaves what it cannot read as it is, and says so', () => {
    const data = { amount: money(5) };
    const shown = presentEvent(envelope(data, { type: 'OrderTeleported', unreadable: 'unknown-type' }));
    expect(shown).toMatchObject({ data, unreadable: 'unknown-type' });
  });

  it('does not invent a currency where there is no money', () => {
    expect(presentEvent(envelope({ itemId: 'a' })).data).toStrictEqual({ itemId: 'a' });
  });
});

it('finds money at any depth, and changes nothing else', () => {
  expect(withDecimals([{ a: money(1) }, money(5, 'JPY'), money(1234, 'KWD'), null, 'x', 1])).toEqual([
    { a: 0.01 },
    5,
    1.234,
    null,
    'x',
    1,
  ]);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(withDecimals(value)).toEqual(value);
    }),
  );
});

describe('orderAnswer', () => {
  const result = { stream: 'order:o-1', version: 2, replayed: false };

  it('names the last of the events that were appended', () => {
    const state = stateOf(placed);
    const positions = ['0-1-1', '0-1-2'];
    expect(orderAnswer({ ...result, state, positions })).toEqual({
      orderId: 'o-1',
      status: 'placed',
      version: 2,
      eventId: '0-1-2',
    });
  });

  it('throws where a write left nothing', () => {
    expect(() => orderAnswer({ ...result, state: null, positions: ['0-1-1'] })).toThrow('left no order');
    expect(() => orderAnswer({ ...result, state: stateOf(placed), positions: [] })).toThrow('left no order');
  });
});
