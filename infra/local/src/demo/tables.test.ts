import { describe, expect, it } from 'vitest';
import { endpointsOf } from './endpoints.ts';
import type { Seen } from './seen.ts';
import { historyTable, renderSeen, stateTable, whereNext } from './tables.ts';

const event = {
  eventId: '3-1732150000000-0',
  version: 2,
  type: 'PaymentReceived',
  recordedAt: '2024-11-21T00:46:40.000Z',
  data: { amount: 2499.99, currency: 'USD', paymentMethod: 'credit_card', userId: 'user-1' },
};

const cellsOf = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe('historyTable', () => {
  it('has a row per event, in order', () => {
    const placed = { ...event, version: 1, type: 'OrderPlaced', data: { amount: 2499.99, currency: 'USD' } };
    expect(cellsOf(historyTable([placed, event])).slice(1)).toEqual([
      ['1', 'OrderPlaced', placed.recordedAt, placed.eventId, 'amount 2499.99 USD'],
      ['2', 'PaymentReceived', event.recordedAt, event.eventId, 'amount 2499.99 USD, by credit_card'],
    ]);
  });

  it('names the item that came or went', () => {
    const added = {
      ...event,
      type: 'OrderItemAdded',
      data: { item: { id: 'mug', name: 'Mug', quantity: 4, price: 6.25 } },
    };
    const removed = { ...event, type: 'OrderItemRemoved', data: { itemId: 'mug' } };
    const details = cellsOf(historyTable([added, removed]))
      .slice(1)
      .map((cells) => cells.at(-1));
    expect(details).toEqual(['item 4 × Mug', 'item mug']);
  });
});

describe('stateTable', () => {
  const state = (label: string, order: Record<string, unknown>) => ({
    label,
    url: `http://x/${label}`,
    order,
  });

  it('has a column per state, and rows only for what one of them has', () => {
    const table = stateTable([
      state('now', { status: 'delivered', version: 4, paidAmount: 0, trackingNumber: '1Z', items: [] }),
      state('?version=2', { status: 'paid', version: 2, paidAmount: 0 }),
    ]);
    expect(cellsOf(table)).toEqual([
      ['', 'now', '?version=2'],
      ['Status', 'delivered', 'paid'],
      ['Version', '4', '2'],
      ['Paid', '0', '0'],
      ['Tracking number', '1Z', ''],
    ]);
  });
});

describe('renderSeen and whereNext', () => {
  const seen: Seen = {
    orders: [
      {
        title: 'A story',
        orderId: 'order-7',
        steps: [{ request: 'POST /orders', status: 'placed', version: 1, eventId: event.eventId }],
        history: [event],
        states: [{ label: 'now', url: 'http://x/orders/order-7', order: { status: 'paid' } }],
      },
    ],
  };

  it('tells each story with its order, requests and reads', () => {
    const text = renderSeen(seen);
    expect(text).toContain('A story: order order-7');
    expect(text).toContain('POST /orders  → placed, version 1');
    expect(text).toContain('now: GET http://x/orders/order-7');
  });

  it('names the pages to look at', () => {
    const urls = cellsOf(whereNext(endpointsOf({}), seen)).map(([, url]) => url);
    expect(urls).toContain('http://127.0.0.1:1080');
    expect(urls).toContain('http://127.0.0.1:3000/docs');
    expect(urls).toContain('http://127.0.0.1:3005/invoices/order-7');
  });
});
