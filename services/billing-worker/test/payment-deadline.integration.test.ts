import type { OrderEvent } from '@headrace/shop';
import { usePostgres, useRedis } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { cancelOverdueOrders } from '../src/deadline/cancel-overdue-orders.ts';
import { type Books, openBooks, queuedCommands, type Servers } from './books.ts';
import { orderEvents } from './order-events.ts';

const HOUR_MS = 3_600_000;
const redis = useRedis();
const postgres = usePostgres({ isolation: 'database' });
let books: Books | undefined;

async function open(deadline: { afterMs?: number }): Promise<Books> {
  const servers: Servers = { redisUrl: redis.url, prefix: redis.prefix, databaseUrl: postgres.url };
  books = await openBooks(servers, deadline);
  books.worker.start();
  return books;
}
afterEach(() => books?.close());

const cancelled = async ({ store }: Books) =>
  (await queuedCommands(store)).filter(({ type }) => type === 'CancelOrder');

describe('the payment deadline', () => {
  it('cancels prepaid orders that are not paid in time, once, and no others', async () => {
    const shop = await open({ afterMs: HOUR_MS });
    const order = (orderId: string, minor?: number) => orderEvents(orderId, minor);
    await shop.append('d-unpaid', order('d-unpaid').placed());
    await shop.append('d-paid', order('d-paid').placed(), order('d-paid').paid());
    await shop.append('d-account', order('d-account').placed('on_account'));
    await shop.append('d-free', order('d-free', 0).placed());
    await shop.append('d-void', order('d-void').placed(), order('d-void').cancelled('placed'));
    const { issuedAt, dueAt } = await shop.invoiceIn('open', 'd-unpaid');
    expect(Date.parse(dueAt) - Date.parse(issuedAt)).toBeGreaterThanOrEqual(HOUR_MS);
    await shop.invoiceIn('paid', 'd-paid');
    await shop.invoiceIn('open', 'd-account');
    await shop.invoiceIn('open', 'd-free');
    await shop.invoiceIn('void', 'd-void');

    const { db } = shop.database;
    await cancelOverdueOrders(db, new Date(Date.parse(dueAt) - 1));
    expect(await db.selectFrom('outbox').selectAll().execute()).toEqual([]);
    // Two instances look at the same time, a day later.
    const later = new Date(Date.parse(dueAt) + 24 * HOUR_MS);
    await Promise.all([cancelOverdueOrders(db, later), cancelOverdueOrders(db, later)]);
    await cancelOverdueOrders(db, later);
    await expect.poll(() => cancelled(shop)).toHaveLength(1);
    expect(await db.selectFrom('outbox').select('key').execute()).toEqual([
      { key: 'payment-deadline:d-unpaid' },
    ]);
    expect(await cancelled(shop)).toMatchObject([
      {
        stream: 'order:d-unpaid',
        data: { orderId: 'd-unpaid', userId: 'billing', onlyIfUnpaid: true, reason: `not paid by ${dueAt}` },
      },
    ]);
  });

  it('stays with an order when the worker starts again without one, and new orders have none', async () => {
    const before = await open({ afterMs: HOUR_MS });
    await before.append('e-old', orderEvents('e-old').placed());
    const { dueAt } = await before.invoiceIn('open', 'e-old');
    await before.close();

    const after = await open({});
    await after.append('e-new', orderEvents('e-new').placed());
    expect((await after.invoiceIn('open', 'e-new')).dueAt).toBeUndefined();
    expect((await after.invoiceIn('open', 'e-old')).dueAt).toBe(dueAt);
    // The worker's own sweep, by its own clock, when the hour is over.
    await sql`update invoices set due_at = now() where order_id = 'e-old'`.execute(after.database.db);
    await expect
      .poll(async () => (await cancelled(after)).map(({ stream }) => stream), { timeout: 20_000 })
      .toContain('order:e-old');
  });

  it('has not begun for history, whose payment may be yet to come', async () => {
    const shop = await open({ afterMs: HOUR_MS });
    const occurredAt = '2019-05-01T12:00:00.000Z';
    await shop.store.append('order:g-1', [{ ...orderEvents('g-1').placed(), occurredAt }]);
    expect(await shop.invoiceIn('open', 'g-1')).toMatchObject({ issuedAt: occurredAt });
    expect((await shop.get('/invoices/g-1')).json.dueAt).toBeUndefined();
    await cancelOverdueOrders(shop.database.db, new Date(Date.now() + 24 * HOUR_MS));
    await shop.append('g-1', orderEvents('g-1').paid());
    await shop.invoiceIn('paid', 'g-1');
    const { rows } = await sql`select 1 from outbox where key = 'payment-deadline:g-1'`.execute(
      shop.database.db,
    );
    expect(rows).toEqual([]);
  });

  it.each([
    ['0001-01-01T00:00:00.000Z', false],
    ['9998-12-31T23:59:59.999Z', true],
  ])('counts from now, not from an end of time: %s', async (occurredAt, isDue) => {
    const longestMs = 3_660 * 24 * HOUR_MS;
    const shop = await open({ afterMs: longestMs });
    const orderId = `h-${occurredAt.slice(0, 4)}`;
    const { placed, paid, shipped } = orderEvents(orderId);
    const append = (event: OrderEvent) => shop.store.append(`order:${orderId}`, [{ ...event, occurredAt }]);
    await append(placed());
    const { dueAt } = await shop.invoiceIn('open', orderId);
    expect(dueAt !== undefined).toBe(isDue);
    if (isDue) expect(Date.parse(dueAt)).toBeLessThanOrEqual(Date.now() + longestMs);
    await append(paid());
    await append(shipped());
    expect(await shop.invoiceIn('paid', orderId)).toMatchObject({ issuedAt: occurredAt, paidAt: occurredAt });
    expect((await shop.get('/dead-letters')).json.deadLetters).toEqual([]);
  });

  it('asks nothing for an order that was paid before it was over', async () => {
    const shop = await open({ afterMs: HOUR_MS });
    await shop.append('f-1', orderEvents('f-1').placed());
    const { dueAt } = await shop.invoiceIn('open', 'f-1');
    await shop.append('f-1', orderEvents('f-1').paid());
    await shop.invoiceIn('paid', 'f-1');
    await cancelOverdueOrders(shop.database.db, new Date(Date.parse(dueAt) + HOUR_MS));
    const { rows } = await sql`select 1 from outbox where key = 'payment-deadline:f-1'`.execute(
      shop.database.db,
    );
    expect(rows).toEqual([]);
  });
});
