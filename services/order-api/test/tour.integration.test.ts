import { describe, expect, it } from 'vitest';
import { CANCELLATION, MACBOOK, PAYMENT, SHIPMENT, useOrderApi } from './order-api.ts';

describe('the tour', () => {
  const { api } = useOrderApi();

  it('leads an order from placing to delivery and refund, and remembers every step', async () => {
    const placed = await api().post('/orders', MACBOOK);
    expect(placed.status).toBe(201);
    expect(placed.json).toEqual({
      orderId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'placed',
      version: 1,
      eventId: expect.stringMatching(/^\d+-\d+-\d+$/),
    });
    const { orderId } = placed.json;
    expect(placed.headers).toMatchObject({ etag: '"1"', location: `/orders/${orderId}` });
    expect(placed.headers).not.toHaveProperty('idempotency-replayed');

    const steps = [
      ['payment', PAYMENT, 'paid'],
      ['ship', SHIPMENT, 'shipped'],
      ['deliver', { signature: 'J. Doe' }, 'delivered'],
      ['refund', { amount: 100, reason: 'scratched' }, 'delivered'],
      ['refund', { amount: 2399.99, reason: 'broken' }, 'refunded'],
    ] as const;
    for (const [i, [action, body, status]] of steps.entries()) {
      const { status: code, json, headers } = await api().post(`/orders/${orderId}/${action}`, body);
      expect([code, json]).toEqual([200, { orderId, status, version: i + 2, eventId: expect.any(String) }]);
      expect(headers['etag']).toBe(`"${i + 2}"`);
    }

    const { status, json: order, headers } = await api().get(`/orders/${orderId}`);
    expect([status, headers['etag']]).toEqual([200, '"6"']);
    const times = ['createdAt', 'placedAt', 'paidAt', 'shippedAt', 'deliveredAt', 'refundedAt'];
    expect(order).toEqual({
      orderId,
      userId: 'user789',
      status: 'refunded',
      items: [{ id: 'item1', name: 'MacBook Pro', quantity: 1 }],
      amount: 2499.99,
      currency: 'USD',
      email: 'user@example.com',
      paymentTerms: 'prepaid',
      paymentMethod: 'credit_card',
      paidAmount: 2499.99,
      refundedAmount: 2499.99,
      carrier: 'UPS',
      trackingNumber: '1Z999',
      signature: 'J. Doe',
      version: 6,
      history: expect.any(Array),
      ...Object.fromEntries(times.map((time) => [time, expect.stringMatching(/^\d{4}-.*Z$/)])),
    });
    expect(order.history.map(({ type }: { type: string }) => type)).toEqual([
      'OrderPlaced',
      'PaymentReceived',
      'OrderShipped',
      'OrderDelivered',
      'OrderRefunded',
      'OrderRefunded',
    ]);
    expect(order.history[0].eventId).toBe(placed.json.eventId);
  });

  it('leads a draft to an order; confirming appends two events at once', async () => {
    const draft = await api().post('/orders/drafts', { userId: 'u1', currency: 'EUR' });
    expect([draft.status, draft.json.status, draft.json.version]).toEqual([201, 'draft', 1]);
    const { orderId } = draft.json;
    const pen = { id: 'pen', name: 'Pen', quantity: 2, price: 1.5 };
    await api().post(`/orders/${orderId}/items`, pen);
    const again = await api().post(`/orders/${orderId}/items`, { ...pen, quantity: 1 });
    expect([again.status, again.json.status, again.json.version]).toEqual([200, 'draft', 3]);
    await api().post(`/orders/${orderId}/items`, { id: 'ink/blue', name: 'Ink', price: 8 });
    const removed = await api().send('DELETE', `/orders/${orderId}/items/ink%2Fblue`);
    expect([removed.status, removed.json.version]).toEqual([200, 5]);
    const drafted = await api().get(`/orders/${orderId}`);
    expect(drafted.json).toMatchObject({
      items: [{ id: 'pen', quantity: 3, price: 1.5 }],
      amount: 4.5,
      currency: 'EUR',
    });
    const confirmed = await api().post(`/orders/${orderId}/confirm`);
    expect([confirmed.status, confirmed.json.status, confirmed.json.version]).toEqual([200, 'placed', 7]);
    const [asked, placed] = (await api().events(orderId)).slice(-2);
    expect([asked?.type, placed?.type, placed?.id]).toEqual([
      'OrderConfirmed',
      'OrderPlaced',
      confirmed.json.eventId,
    ]);
    expect(asked?.meta.commandId).toBe(placed?.meta.commandId);
  });

  it('opens a draft with first items and an id of the client', async () => {
    const items = [{ id: 'a', name: 'A' }];
    const draft = await api().post('/orders/drafts', {
      orderId: 'cart/7-8',
      userId: 'u',
      items,
    });
    expect(draft.json).toMatchObject({ orderId: 'cart/7-8', status: 'draft', version: 2 });
    expect(draft.headers['location']).toBe('/orders/cart%2F7-8');
    const found = await api().get('/orders/cart%2F7-8');
    expect(found.json).toMatchObject({ orderId: 'cart/7-8', items: [{ id: 'a', quantity: 1 }] });
    const confirmed = await api().post('/orders/cart%2F7-8/confirm', { amount: 5 });
    expect(confirmed.json.status).toBe('placed');
  });

  it('ships an order on account before it is paid', async () => {
    const orderId = await api().order('placed', { paymentTerms: 'on_account' });
    expect((await api().post(`/orders/${orderId}/ship`, SHIPMENT)).json.status).toBe('shipped');
    expect((await api().post(`/orders/${orderId}/payment`, PAYMENT)).json.status).toBe('shipped');
    expect((await api().get(`/orders/${orderId}`)).json.paidAmount).toBe(2499.99);
  });

  it('cancels a paid order, and gives its money back', async () => {
    const orderId = await api().order('paid');
    expect((await api().post(`/orders/${orderId}/cancel`, CANCELLATION)).json.status).toBe('cancelled');
    const refund = await api().post(`/orders/${orderId}/refund`, { amount: 2499.99, reason: 'cancelled' });
    expect([refund.status, refund.json.status]).toEqual([200, 'cancelled']);
    expect((await api().get(`/orders/${orderId}`)).json).toMatchObject({
      cancelReason: CANCELLATION.reason,
      cancelledBy: CANCELLATION.userId,
      refundedAmount: 2499.99,
    });
  });

  it.each([
    ['JPY', 1200, 1200],
    ['KWD', 1.234, 1234],
    ['EUR', 0.1, 10],
  ])('keeps %s exactly: %f is %i minor units', async (currency, amount, minor) => {
    const orderId = await api().order('placed', { currency, amount });
    const [event] = await api().events(orderId);
    expect(event?.data).toMatchObject({ amount: { minor, currency } });
    expect((await api().get(`/orders/${orderId}`)).json).toMatchObject({ amount, currency });
    const paid = await api().post(`/orders/${orderId}/payment`, { paymentMethod: 'card', amount, currency });
    expect(paid.json.status).toBe('paid');
  });

  it('keeps who asked, from where, and what belongs together', async () => {
    const headers = {
      'x-actor': 'clerk-7',
      'x-correlation-id': 'trace-me',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    };
    const { json } = await api().post('/orders', MACBOOK, headers);
    const [event] = await api().events(json.orderId);
    expect(event?.meta).toMatchObject({
      actor: 'clerk-7',
      correlationId: 'trace-me',
      traceparent: headers.traceparent,
      ip: '127.0.0.1',
    });
    const history = await api().get(`/orders/${json.orderId}/history`);
    expect(history.json[0].meta).toMatchObject({ actor: 'clerk-7', correlationId: 'trace-me' });
    expect(history.json[0].meta).not.toHaveProperty('ip');
  });

  it('shows the operators its consumer groups, health and documents', async () => {
    for (const url of ['/consumer', '/dead-letters', '/health/ready', '/docs/json']) {
      expect((await api().get(url)).status, url).toBe(200);
    }
  });
});
