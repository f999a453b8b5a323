import { describe, expect, it } from 'vitest';
import * as errors from './domain/orders/errors.ts';
import { orderProblems } from './problems.ts';

const context = { hasIfMatch: false };
const money = { minor: 1050, currency: 'USD' };
const STATUS = { 'not-found': 404, 'state-forbids': 409, 'invalid-value': 422 } as const;

type Refusal = new (...args: never[]) => errors.OrderError;
const refusals = Object.values(errors).filter((one) => one !== errors.OrderError) as unknown as Refusal[];

describe('problems', () => {
  it.each(refusals.map((refusal) => [refusal.name, refusal] as const))('%s has its status', (_, Refusal) => {
    const args = ['o-1', money, money, money] as never[];
    const error = new Refusal(...args);
    expect(orderProblems(error, context)).toMatchObject({
      status: STATUS[error.kind],
      type: `/problems/${error.code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.any(String),
      detail: error.message,
      orderId: 'o-1',
    });
  });

  it('shows amounts as decimal numbers', () => {
    const error = new errors.AmountMismatchError('o-1', money, { minor: 1, currency: 'USD' });
    expect(orderProblems(error, context)).toMatchObject({ expected: 10.5, actual: 0.01 });
  });

  it('tells the status of the order beside its own', () => {
    const error = new errors.OrderNotPayableError('o-1', 'draft');
    expect(orderProblems(error, context)).toMatchObject({ status: 409, orderStatus: 'draft' });
  });

  it('leaves other errors to others', () => {
    expect(orderProblems(new Error('password'), context)).toBeUndefined();
    expect(orderProblems(null, context)).toBeUndefined();
  });
});
