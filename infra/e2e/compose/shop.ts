import { expect } from 'vitest';
import { eventually } from '../test/support/eventually.ts';
import { getJson, send } from '../test/support/http.ts';

/** What a client of the system does; each throws when it does not go as it should. */
export interface Shop {
  /** Places an order over 12 and waits until it is billed; its id. */
  order(): Promise<string>;
  /** Pays, ships and delivers it, and waits for each in the read model; how long each took, in milliseconds. */
  completeAndSee(orderId: string): Promise<readonly number[]>;
  /** All that is known of an order: its history, its row in the read model, its invoice. */
  allOf(orderId: string): Promise<unknown>;
  /** Declares a projection and waits for its first row. */
  declareProjection(projectionId: string): Promise<void>;
}

const WRITES_AFTER_PLACED = {
  payment: { paymentMethod: 'card', amount: 12 },
  ship: { carrier: 'FedEx', trackingNumber: 'T1' },
  deliver: { signature: 'ann' },
};

export function createShop(urls: Readonly<Record<string, string>>): Shop {
  const url = (service: string): string => urls[service] ?? '';

  async function order(): Promise<string> {
    const items = [{ id: 'lamp', name: 'Lamp', price: 12 }];
    const body = { userId: 'ann', items, email: 'ann@example.com' };
    const answer = await send('POST', `${url('order-api')}/orders`, body);
    expect(answer.status).toBe(201);
    const { orderId } = answer.body as { readonly orderId: string };
    await eventually('its invoice', () => getJson(`${url('billing-worker')}/invoices/${orderId}`));
    return orderId;
  }

  async function completeAndSee(orderId: string): Promise<readonly number[]> {
    const row = `${url('projection-service')}/api/queries/orders?orderId=${orderId}&timeout_ms=20000`;
    const took: number[] = [];
    for (const [action, body] of Object.entries(WRITES_AFTER_PLACED)) {
      const from = performance.now();
      const answer = await send('POST', `${url('order-api')}/orders/${orderId}/${action}`, body);
      const { eventId } = answer.body as { readonly eventId: string };
      await getJson(`${row}&wait_for=${eventId}`);
      took.push(Math.round(performance.now() - from));
    }
    return took;
  }

  async function allOf(orderId: string): Promise<unknown> {
    return await eventually('the order and its history', async () => [
      await getJson(`${url('order-api')}/orders/${orderId}/history`),
      await getJson(`${url('projection-service')}/api/queries/orders?orderId=${orderId}`),
      await getJson(`${url('billing-worker')}/invoices/${orderId}`),
    ]);
  }

  async function declareProjection(projectionId: string): Promise<void> {
    const by = { eventTypes: ['OrderPlaced'], key: 'userId', reduce: 'count' };
    const body = { projectionId, name: projectionId, ...by };
    expect((await send('POST', `${url('projection-service')}/api/projections`, body)).status).toBe(201);
    await eventually('its rows', async () => {
      const { data } = await getJson<{ data: readonly object[] }>(
        `${url('projection-service')}/api/queries/${projectionId}`,
      );
      expect(data).not.toEqual([]);
    });
  }

  return { order, completeAndSee, allOf, declareProjection };
}
