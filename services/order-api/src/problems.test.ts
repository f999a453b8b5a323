import type { RefusalClass } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import * as errors from './domain/orders/errors.ts';
import { orderProblems } from './problems.ts';

const context = { hasIfMatch: false };
const money = { minor: 1050, currency: 'USD' };
const STATUS = { 'not-found': 404, 'state-forbids': 409, 'invalid-value': 422 } as const;

/** All that a refusal may be made with. */
const fields = {
  ...{ orderId: 'o-1', itemId: 'i-1', orderStatus: 'draft', paymentTerms: 'prepaid', timeline: 'recorded' },
  ...{ requested: money, refundable: money, expected: money, actual: money, limit: 1 },
} as const;
const refusals = Object.entries(errors) as unknown as readonly (readonly [
  string,
  RefusalClass<typeof fields>,
])[];

describe('problems', () => {
  it.each(refusals)('%s has its status', (_, Refusal) => {
    const error = new Refusal(fields);
    expect(orderProblems(error, context)).toMatchObject({
      status: STATUS[error.kind],
      type: `/problems/${error.code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.any(String),
      detail: error.message,
      orderId: 'o-1',
    });
  });

  it('shows amounts as decimal numbers', () => {
    const error = new errors.AmountMismatchError({
      orderId: 'o-1',
      expected: money,
      actual: { minor: 1, currency: 'USD' },
    });
    expect(orderProblems(error, context)).toMatchObject({ expected: 10.5, actual: 0.01 });
  });

  it('tells the status of the order beside its own', () => {
    const error = new errors.OrderNotPayableError({ orderId: 'o-1', orderStatus: 'draft' });
    expect(orderProblems(error, context)).toMatchObject({ status: 409, orderStatus: 'draft' });
  });

  it('leaves other errors to others', () => {
    expect(orderProblems(new Error('password'), context)).toBeUndefined();
    expect(orderProblems(null, context)).toBeUndefined();
  });
});
