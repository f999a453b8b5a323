import type { EventEnvelope } from '@headrace/event-schema';
import { expect, it } from 'vitest';
import { factOf } from './order-fact.ts';

const amount = { minor: 500, currency: 'EUR' };
const order = { stream: 'order:1', atMs: Date.parse('2026-01-15T14:00:00Z') };

function event(type: string, data: object): EventEnvelope {
  return {
    ...{ id: '0-1-0', position: '0-1-0', stream: 'order:1', category: 'order', version: 1 },
    ...{ type, data, schemaVersion: 1, meta: {} },
    recordedAt: '2026-02-01T00:00:00Z',
    occurredAt: '2026-01-15T15:00:00+01:00',
  };
}

it('goes by business time', () => {
  expect(factOf(event('PaymentReceived', { amount }))).toEqual({ ...order, kind: 'paid', ...amount });
  expect(factOf(event('OrderRefunded', { amount }))).toEqual({ ...order, kind: 'refunded', ...amount });
  expect(factOf(event('OrderShipped', { amount }))).toEqual({ ...order, kind: 'shipped', currency: 'EUR' });
  expect(factOf(event('OrderDelivered', {}))).toEqual({ ...order, kind: 'delivered' });
});

it('does not count a draft that is given up', () => {
  expect(factOf(event('OrderCancelled', { amount, previousStatus: 'draft' }))).toBeNull();
  expect(factOf(event('OrderCancelled', { amount, previousStatus: 'paid' }))).toMatchObject({
    kind: 'cancelled',
  });
});

it('takes a currency that has been withdrawn since', () => {
  const kuna = { minor: 1, currency: 'HRK' };
  expect(factOf(event('PaymentReceived', { amount: kuna }))).toMatchObject({ currency: 'HRK' });
});

it('replaces what PostgreSQL cannot store as text', () => {
  const items = [{ id: 'a\0', name: '\ud800', quantity: 1 }];
  expect(factOf(event('OrderPlaced', { userId: '\0', amount, items }))).toMatchObject({
    userId: '\ufffd',
    lines: [{ productId: 'a\ufffd', name: '\ufffd' }],
  });
});

it.each([
  ['PaymentReceived', {}],
  ['PaymentReceived', { amount: { minor: '5', currency: 'EUR' } }],
  ['PaymentReceived', { amount: { minor: 0.5, currency: 'EUR' } }],
  ['OrderShipped', { amount: 5 }],
  ['OrderPlaced', { userId: 'u', amount, items: [{ id: 'a', name: 'A' }] }],
])('refuses data of %s that is not what was promised: %j', (type, data) => {
  expect(() => factOf(event(type, data))).toThrow();
});
