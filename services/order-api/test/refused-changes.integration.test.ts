import { describe, expect, it } from 'vitest';
import { CANCELLATION, PAYMENT, SHIPMENT, useOrderApi } from './order-api.ts';
import { expectProblem } from './refusals.ts';
import { pen, type Row, SHAPE, STATE, VALUE } from './refused-changes.ts';

describe('refusals', () => {
  const { api } = useOrderApi();

  it.each<Row>([...SHAPE, ...STATE, ...VALUE])(
    '%s',
    async (_, given, action, body, status, type, more = {}) => {
      const { method = 'POST', order, headers, members } = more;
      const orderId = await api().order(given, order);
      const before = [await api().store.streamVersion(`order:${orderId}`), await api().logLength()];
      const answer = await api().send(method, `/orders/${orderId}/${action}`, body, headers);
      expectProblem(answer, { status, type, members }, `/orders/${orderId}/${action}`);
      expect([await api().store.streamVersion(`order:${orderId}`), await api().logLength()]).toEqual(before);
    },
  );

  it('shows status and terms of an order that cannot be shipped', async () => {
    const orderId = await api().order('placed');
    const { json: problem } = await api().post(`/orders/${orderId}/ship`, SHIPMENT);
    expect(problem).toMatchObject({
      orderId,
      paymentTerms: 'prepaid',
      detail: expect.stringContaining('paid'),
    });
  });

  it.each([
    ['payment', PAYMENT],
    ['ship', SHIPMENT],
    ['deliver', {}],
    ['cancel', CANCELLATION],
    ['refund', { amount: 1, reason: 'r' }],
    ['confirm', {}],
    ['items', pen],
  ])('404 for %s of an order that nobody placed', async (action, body) => {
    const before = await api().logLength();
    const answer = await api().post(`/orders/nobody/${action}`, body);
    expectProblem(answer, { status: 404, type: 'order-not-found' }, `/orders/nobody/${action}`);
    expect(answer.json.orderId).toBe('nobody');
    expect(await api().logLength()).toBe(before);
  });

  it.each(['a b', 'ä', '{x}', '%00', 'x'.repeat(201)])('400 for order id "%s"', async (id) => {
    for (const path of [`/orders/${encodeURIComponent(id)}`, `/orders/${encodeURIComponent(id)}/history`]) {
      expect(await api().get(path)).toMatchObject({
        status: 400,
        json: { type: '/problems/invalid-request' },
      });
    }
    const answer = await api().post(`/orders/${encodeURIComponent(id)}/payment`, PAYMENT);
    expect(answer.status).toBe(400);
  });

  it('404 for a path that there is not, 405 for a method that it does not take', async () => {
    expect((await api().get('/order')).status).toBe(404);
    expect((await api().send('DELETE', '/orders/1')).status).toBe(405);
  });
});
