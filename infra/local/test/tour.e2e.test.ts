import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectFoldedEverywhere } from './support/comparison.ts';
import { eventually } from './support/eventually.ts';
import { getJson, send } from './support/http.ts';
import { logKeys, withRedis } from './support/log.ts';
import { mailsIn } from './support/mails.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

interface Answer {
  readonly orderId: string;
  readonly status: string;
  readonly version: number;
  readonly eventId: string;
}

// With one partition the log is one literal Redis stream.
describe.each([8, 1])('the tour of the README, with %i partitions', (partitions) => {
  let system: TestSystem;
  let orderId: string;
  const answers: Answer[] = [];

  beforeAll(async () => {
    system = await startTestSystem({ env: { LOG_PARTITIONS: String(partitions) } });
    expect(await withRedis(system.redis.url, logKeys)).toHaveLength(partitions);
  });

  afterAll(async () => {
    await system?.close();
  });

  /** As `curl -X POST -H 'Content-Type: application/json' -d …` sends it. */
  async function post(
    path: string,
    body: object,
  ): Promise<{ readonly code: number; readonly answer: Answer }> {
    const { status, body: answer } = await send('POST', `${system.url('order-api')}${path}`, body);
    answers.push(answer as Answer);
    return { code: status, answer: answer as Answer };
  }

  const get = <T>(path: string): Promise<T> => getJson<T>(`${system.url('order-api')}${path}`);

  it('places, pays, ships and delivers an order', async () => {
    const placed = await post('/orders', {
      userId: 'user789',
      items: [{ id: 'item1', name: 'MacBook Pro' }],
      amount: 2499.99,
      email: 'user@example.com',
    });
    orderId = placed.answer.orderId;
    const paid = await post(`/orders/${orderId}/payment`, { paymentMethod: 'credit_card', amount: 2499.99 });
    const shipped = await post(`/orders/${orderId}/ship`, {
      carrier: 'UPS',
      trackingNumber: '1Z999AA10123456784',
    });
    const delivered = await post(`/orders/${orderId}/deliver`, { signature: 'J. Doe' });
    expect(
      [placed, paid, shipped, delivered].map(({ code, answer: { status, version } }) => [
        code,
        status,
        version,
      ]),
    ).toEqual([
      [201, 'placed', 1],
      [200, 'paid', 2],
      [200, 'shipped', 3],
      [200, 'delivered', 4],
    ]);
  });

  it('shows the order, its four events, and the order as it was when paid', async () => {
    expect(await get(`/orders/${orderId}`)).toMatchObject({
      orderId,
      userId: 'user789',
      status: 'delivered',
      amount: 2499.99,
      currency: 'USD',
      paidAmount: 2499.99,
      trackingNumber: '1Z999AA10123456784',
      signature: 'J. Doe',
      version: 4,
    });
    const history = await get<readonly { type: string; eventId: string; version: number }[]>(
      `/orders/${orderId}/history`,
    );
    expect(history.map(({ type }) => type)).toEqual([
      'OrderPlaced',
      'PaymentReceived',
      'OrderShipped',
      'OrderDelivered',
    ]);
    expect(history.map(({ eventId }) => eventId)).toEqual(answers.map(({ eventId }) => eventId));

    const whenPaid = await get<Record<string, unknown>>(`/orders/${orderId}?version=2`);
    expect(whenPaid).toMatchObject({ status: 'paid', version: 2, paidAmount: 2499.99 });
    expect(Object.keys(whenPaid)).not.toContain('trackingNumber');
  });

  it('shows the order in the read model as soon as it is asked to wait for its last event', async () => {
    const query = `orderId=${orderId}&wait_for=${answers.at(-1)?.eventId}`;
    const { data } = await getJson<{ data: unknown }>(
      `${system.url('projection-service')}/api/queries/orders?${query}`,
    );
    expect(data).toMatchObject({ orderId, status: 'delivered', amount: 2499.99, version: 4 });
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
      counts: { placed: 1, paid: 1, shipped: 1, delivered: 1, cancelled: 0, refunded: 0 },
      byCurrency: [{ currency: 'USD', payments: 2499.99 }],
    });
  });
});
