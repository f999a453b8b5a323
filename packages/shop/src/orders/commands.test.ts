import { describe, expect, it } from 'vitest';
import { cancelOrder, refundOrder } from './commands.ts';

describe('durable order commands', () => {
  const refund = { orderId: 'o-1', amount: { minor: 500, currency: 'USD' }, reason: 'broken' };

  it('refund an amount or what remains', () => {
    expect(refundOrder.schema.safeParse(refund).success).toBe(true);
    expect(refundOrder.schema.safeParse({ ...refund, amount: 'remaining' }).success).toBe(true);
    expect(refundOrder.schema.safeParse({ ...refund, amount: 'everything' }).success).toBe(false);
  });

  it('refuse fields that they do not have', () => {
    const cancel = { orderId: 'o-1', reason: 'late', userId: 'billing', force: true };
    expect(cancelOrder.schema.safeParse(cancel).success).toBe(false);
  });

  it('go to the stream of their order', () => {
    expect(refundOrder.streamOf({ ...refund, amount: 'remaining' })).toBe('order:o-1');
  });
});
