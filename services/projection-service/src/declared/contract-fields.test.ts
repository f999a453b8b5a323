import { defineEvent } from '@headrace/event-schema';
import { accountContracts, orderContracts, userContracts } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldProblems } from './contract-fields.ts';

const contracts = [...orderContracts, ...accountContracts, ...userContracts];

function problems(eventTypes: readonly string[], key: string, sum?: string): readonly string[] {
  const declaration = {
    name: 'Test',
    eventTypes,
    key,
    reduce: sum === undefined ? 'count' : { sum },
  } as const;
  const chosen = contracts.filter(({ type }) => eventTypes.includes(type));
  return fieldProblems(declaration, chosen).map(({ path, message }) => `${path}: ${message}`);
}

describe('the fields of a declaration', () => {
  it.each([
    ['OrderPlaced', 'userId', 'amount.minor'],
    ['OrderPlaced', 'stream', 'amount.minor'],
    ['OrderPlaced', 'items.0.id', undefined],
    ['UserUpdated', 'updates.attributes.plan', 'updates.attributes.seats'],
    ['PaymentReceived', 'paymentMethod', 'amount.minor'],
  ] as const)('of %s may be %s and %s', (type, key, sum) => {
    expect(problems([type], key, sum)).toEqual([]);
  });

  it('that no such event has are named, with those that it has', () => {
    expect(problems(['PaymentReceived', 'MoneyDeposited'], 'paymentMethod', 'amount.minor')).toEqual([
      'key: MoneyDeposited has no field "paymentMethod"; there is: accountId, amount, balanceAfter, description',
    ]);
    expect(problems(['MoneyDeposited'], 'accountId.x', 'amount')).toEqual([
      'key: MoneyDeposited has no field "accountId.x"; there is nothing below',
      'reduce.sum: MoneyDeposited has at "amount" no number; there is: minor, currency',
    ]);
    expect(problems(['MoneyDeposited'], 'amount')).toEqual([
      'key: MoneyDeposited has at "amount" no text or number; there is: minor, currency',
    ]);
  });

  it('are those of the contract, and none that every object has', () => {
    expect(problems(['PaymentReceived'], '__proto__', 'constructor')).toMatchObject([
      expect.stringContaining('key: PaymentReceived has no field "__proto__"'),
      expect.stringContaining('reduce.sum: PaymentReceived has no field "constructor"'),
    ]);
  });

  it('may be anything where a contract leaves it open', () => {
    const schema = z.union([z.looseObject({ a: z.string() }), z.strictObject({ b: z.number() })]);
    const contract = defineEvent({ type: 'Open', category: 'open', description: '', schema });
    const declaration = { name: 'Test', eventTypes: ['Open'], key: 'c', reduce: { sum: 'b' } } as const;
    expect(fieldProblems(declaration, [contract])).toEqual([]);
  });
});
