import { expect } from 'vitest';
import { type ExpectedOrder, foldOfLog } from './fold.ts';
import { allPages, getJson } from './http.ts';
import { type LoggedEvent, readLog } from './log.ts';
import { mailedEventIds } from './mails.ts';

/** Base URLs by service, and `redis` and `mail` (the inbox). */
export type Urls = Readonly<Record<string, string>>;

/**
 * Compares what every consumer group has made of the log with a fold of the log: the read models, an invoice and the
 * mails of each order, and the counts. All orders must be in US dollars. Throws at the first difference.
 */
export async function expectFoldedEverywhere(urls: Urls): Promise<void> {
  const log = await readLog(urls['redis'] ?? '');
  const orders = [...foldOfLog(log).values()];
  // Billing's refunds come as events of their own, some time after the cancellation.
  const owed = orders.filter(({ status, paid, refunded }) => status === 'cancelled' && refunded !== paid);
  expect(owed.map(({ orderId }) => orderId)).toEqual([]);
  await expectReadModel(urls, orders);
  await expectAudit(urls, log);
  await expectDays(urls, orders);
  await expectInvoices(urls, orders);
  await expectAnalytics(urls, orders);
  await expectMails(urls, orders);
}

interface OrderRow {
  readonly orderId: string;
  readonly userId: string;
  readonly status: string;
  readonly version: number;
  readonly currency: string;
  readonly amount: number;
  readonly paidAmount: number;
  readonly refundedAmount: number;
}

async function expectReadModel(urls: Urls, orders: readonly ExpectedOrder[]): Promise<void> {
  const rows = await allPages<OrderRow>(`${urls['projection-service']}/api/queries/orders?limit=100`, 'data');
  const actual = rows.map(
    ({ orderId, userId, status, version, currency, amount, paidAmount, refundedAmount }) => ({
      ...{ orderId, userId, status, version, currency, amount },
      ...{ paid: paidAmount, refunded: refundedAmount },
    }),
  );
  const expected = orders.map(({ orderId, userId, status, version, currency, amount, paid, refunded }) => ({
    ...{ orderId, userId, status, version, currency },
    ...{ amount: amount / 100, paid: paid / 100, refunded: refunded / 100 },
  }));
  expect(byOrderId(actual)).toEqual(byOrderId(expected));
}

/** Every event once. */
async function expectAudit(urls: Urls, log: readonly LoggedEvent[]): Promise<void> {
  const url = `${urls['projection-service']}/api/queries/audit?limit=200`;
  const audited = await allPages<{ readonly eventId: string }>(url, 'data');
  const ids = audited.map(({ eventId }) => eventId);
  expect(ids.toSorted()).toEqual(log.map(({ id }) => id).toSorted());
}

/** All days together; the test may run over midnight. */
async function expectDays(urls: Urls, orders: readonly ExpectedOrder[]): Promise<void> {
  const url = `${urls['projection-service']}/api/queries/daily-summary?limit=100`;
  const days = await allPages<Readonly<Record<string, number>>>(url, 'data');
  const sum = (member: string): number => days.reduce((total, day) => total + (day[member] ?? 0), 0);
  expect({
    placed: sum('ordersPlaced'),
    shipped: sum('ordersShipped'),
    delivered: sum('ordersDelivered'),
    cancelled: sum('ordersCancelled'),
    revenue: sum('revenue'),
    refunds: sum('refunds'),
  }).toEqual({
    placed: count(orders, 'OrderPlaced'),
    shipped: count(orders, 'OrderShipped'),
    delivered: count(orders, 'OrderDelivered'),
    cancelled: count(orders, 'OrderCancelled'),
    revenue: total(orders, 'paid'),
    refunds: total(orders, 'refunded'),
  });
}

function count(orders: readonly ExpectedOrder[], type: string): number {
  return orders.flatMap(({ types }) => types).filter((one) => one === type).length;
}

/** In dollars. */
function total(orders: readonly ExpectedOrder[], member: 'paid' | 'refunded'): number {
  return orders.reduce((sum, order) => sum + order[member], 0) / 100;
}

interface Invoice {
  readonly orderId: string;
  readonly status: string;
  readonly amount: number;
}

/** One invoice for each order, and none beside them. */
async function expectInvoices(urls: Urls, orders: readonly ExpectedOrder[]): Promise<void> {
  const invoices = await allPages<Invoice>(`${urls['billing-worker']}/invoices?limit=100`, 'invoices');
  const actual = invoices.map(({ orderId, status, amount }) => ({ orderId, status, amount }));
  const expected = orders.map((order) => ({
    orderId: order.orderId,
    status: invoiceStatus(order),
    amount: order.amount / 100,
  }));
  expect(byOrderId(actual)).toEqual(byOrderId(expected));
  const balance = await getJson<{ balanced: boolean }>(`${urls['billing-worker']}/ledger/trial-balance`);
  expect(balance.balanced).toBe(true);
}

function invoiceStatus({ status, paid, refunded }: ExpectedOrder): string {
  if (paid === 0) return status === 'cancelled' ? 'void' : 'open';
  if (refunded === 0) return 'paid';
  return refunded === paid ? 'refunded' : 'partially_refunded';
}

async function expectAnalytics(urls: Urls, orders: readonly ExpectedOrder[]): Promise<void> {
  expect(await getJson(`${urls['analytics-worker']}/analytics/summary`)).toMatchObject({
    counts: {
      placed: count(orders, 'OrderPlaced'),
      paid: count(orders, 'PaymentReceived'),
      shipped: count(orders, 'OrderShipped'),
      delivered: count(orders, 'OrderDelivered'),
      cancelled: count(orders, 'OrderCancelled'),
      refunded: count(orders, 'OrderRefunded'),
    },
    uniqueCustomers: new Set(orders.map(({ userId }) => userId)).size,
    byCurrency: [{ currency: 'USD', payments: total(orders, 'paid'), refunds: total(orders, 'refunded') }],
  });
}

/** Exactly one mail for every event that has an address: none missing, none twice, none for another event. */
async function expectMails(urls: Urls, orders: readonly ExpectedOrder[]): Promise<void> {
  const expected = orders.flatMap((order) => order.mailedEventIds).toSorted();
  expect((await mailedEventIds(urls['mail'] ?? '')).toSorted()).toEqual(expected);
  const url = `${urls['email-worker']}/emails?status=sent&limit=100`;
  const recorded = await allPages<{ readonly eventId: string }>(url, 'emails');
  expect(recorded.map(({ eventId }) => eventId).toSorted()).toEqual(expected);
}

function byOrderId<Row extends { readonly orderId: string }>(rows: readonly Row[]): readonly Row[] {
  return rows.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
}
