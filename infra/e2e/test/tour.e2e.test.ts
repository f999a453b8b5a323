import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectFoldedEverywhere } from './support/comparison.ts';
import { eventually } from './support/eventually.ts';
import { getJson } from './support/http.ts';
import { logKeys, withRedis } from './support/log.ts';
import { mailsIn } from './support/mails.ts';
import { runTour, type TourOutput } from './support/readme.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

interface HistoryEntry {
  readonly type: string;
  readonly eventId: string;
}

// With one partition the log is one literal Redis stream.
describe.each([8, 1])('the tour of the README, with %i partitions', (partitions) => {
  let system: TestSystem;
  let tour: TourOutput;
  let lastEventId = '';

  beforeAll(async () => {
    system = await startTestSystem({ env: { LOG_PARTITIONS: String(partitions) } });
    expect(await withRedis(system.redis.url, logKeys)).toHaveLength(partitions);
    tour = await runTour(system.urls);
  });

  afterAll(async () => {
    await system?.close();
  });

  const printed = (block: number): unknown[] => (tour.blocks[block] ?? []).map((line) => JSON.parse(line));

  it('places, pays, ships and delivers an order', () => {
    const { orderId } = tour;
    expect(printed(0)).toMatchObject([
      { orderId, status: 'paid', version: 2 },
      { orderId, status: 'shipped', version: 3 },
      { orderId, status: 'delivered', version: 4 },
    ]);
  });

  it('shows the order, its four events, and the order as it was when paid', () => {
    const [state, history, whenPaid] = printed(1) as [object, readonly HistoryEntry[], object];
    expect(state).toMatchObject({
      orderId: tour.orderId,
      userId: 'user789',
      status: 'delivered',
      amount: 2499.99,
      currency: 'USD',
      paidAmount: 2499.99,
      carrier: 'FedEx',
      trackingNumber: 'TRACK123',
      signature: 'front desk',
      version: 4,
    });
    const types = ['OrderPlaced', 'PaymentReceived', 'OrderShipped', 'OrderDelivered'];
    expect(history.map(({ type }) => type)).toEqual(types);
    lastEventId = history.at(-1)?.eventId ?? '';
    expect(whenPaid).toMatchObject({ status: 'paid', version: 2, paidAmount: 2499.99 });
    expect(Object.keys(whenPaid)).not.toContain('trackingNumber');
  });

  it('gets an answer from every worker', () => {
    expect(printed(2)).toHaveLength(5);
  });

  it('keeps a bank account, and shows it as it was', () => {
    const [opened, deposited, withdrawn, replay] = printed(3);
    for (const answer of [opened, deposited, withdrawn]) expect(answer).toMatchObject({ success: true });
    expect(replay).toMatchObject({
      success: true,
      data: { finalState: { balance: 1000, status: 'active' } },
    });
  });

  it('gets the first answer again for a key that was used before', () => {
    const lines = tour.blocks[4] ?? [];
    expect(lines.filter((line) => line.startsWith('HTTP/1.1 201'))).toHaveLength(2);
    expect(lines.filter((line) => /^idempotency-replayed: true/i.test(line))).toHaveLength(1);
    const [first, second] = lines.filter((line) => line.startsWith('{'));
    expect(second).toBe(first);
  });

  it('shows the order in the read model as soon as it is asked to wait for its last event', async () => {
    const query = `orderId=${tour.orderId}&wait_for=${lastEventId}`;
    const { data } = await getJson<{ data: unknown }>(
      `${system.url('projection-service')}/api/queries/orders?${query}`,
    );
    expect(data).toMatchObject({ orderId: tour.orderId, status: 'delivered', amount: 2499.99, version: 4 });
  });

  it('sends four mails, marks the invoice paid, keeps the books balanced, and counts', async () => {
    const mails = await eventually('Four mails', async () => {
      const inbox = await mailsIn(system.url('mail'));
      expect(inbox).toHaveLength(4);
      return inbox;
    });
    expect(mails.map(({ to }) => to.map(({ address }) => address))).toEqual(
      Array.from({ length: 4 }, () => ['user@example.com']),
    );
    await eventually('Everything at the fold of the log', () => expectFoldedEverywhere(system.urls));
    const summary = await getJson<{ counts: object; byCurrency: readonly object[] }>(
      `${system.url('analytics-worker')}/analytics/summary`,
    );
    expect(summary).toMatchObject({
      counts: { placed: 2, paid: 1, shipped: 1, delivered: 1, cancelled: 0, refunded: 0 },
      byCurrency: [{ currency: 'USD', payments: 2499.99 }],
    });
  });
});
