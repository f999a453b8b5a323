import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@headrace/event-store';

/** An order of a test's own, with an address that no other test has. */
export interface TestOrder {
  readonly orderId: string;
  readonly stream: string;
  readonly email: string;
}

export function newOrder(): TestOrder {
  const orderId = randomUUID();
  return { orderId, stream: `order:${orderId}`, email: `${orderId.slice(0, 8)}@customers.example` };
}

const money = (minor: number) => ({ minor, currency: 'EUR' });
const customer = ({ orderId, email }: TestOrder) => ({ orderId, userId: 'u-1', email });

export function placed(order: TestOrder, itemName = 'Coffee beans'): NewEvent {
  const items = [{ id: 'a', name: itemName, quantity: 2, price: money(1250) }];
  const data = { ...customer(order), items, amount: money(2500), paymentTerms: 'prepaid' };
  return { type: 'OrderPlaced', data };
}

/** Without an address. */
export function placedAnonymously({ orderId }: TestOrder): NewEvent {
  const data = { orderId, userId: 'u-1', items: [], amount: money(0), paymentTerms: 'prepaid' };
  return { type: 'OrderPlaced', data };
}

export function paid(order: TestOrder): NewEvent {
  const data = { ...customer(order), amount: money(2500), paymentMethod: 'card', paymentTerms: 'prepaid' };
  return { type: 'PaymentReceived', data };
}

export function shipped(order: TestOrder): NewEvent {
  const data = {
    ...customer(order),
    amount: money(2500),
    paymentTerms: 'prepaid',
    carrier: 'DHL',
    trackingNumber: 'JD014600',
  };
  return { type: 'OrderShipped', data };
}

export function delivered(order: TestOrder): NewEvent {
  return { type: 'OrderDelivered', data: { ...customer(order), signature: 'A. Buyer' } };
}

export function refunded(order: TestOrder): NewEvent {
  const paidMoney = { paidAmount: money(2500), refundedTotal: money(2500) };
  const data = {
    ...customer(order),
    amount: money(2500),
    ...paidMoney,
    full: true,
    reason: 'Arrived broken',
  };
  return { type: 'OrderRefunded', data };
}

export function cancelled(order: TestOrder): NewEvent {
  const data = {
    ...customer(order),
    previousStatus: 'paid',
    amount: money(2500),
    paidAmount: money(2500),
    refundedTotal: money(0),
    paymentTerms: 'prepaid',
    reason: 'Changed my mind',
    cancelledBy: 'u-1',
  };
  return { type: 'OrderCancelled', data };
}
