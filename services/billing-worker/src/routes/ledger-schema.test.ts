import { describe, expect, it } from 'vitest';
import { presentTrialBalance } from './ledger-schema.ts';

describe('the trial balance', () => {
  it('keeps currencies apart', () => {
    expect(
      presentTrialBalance([
        { account: 'receivable', currency: 'JPY', debit: 500n, credit: 0n },
        { account: 'revenue', currency: 'JPY', debit: 0n, credit: 500n },
        { account: 'cash', currency: 'KWD', debit: 1n, credit: 0n },
        { account: 'receivable', currency: 'KWD', debit: 0n, credit: 1n },
      ]),
    ).toMatchObject({
      balanced: true,
      accounts: [{ balance: 500 }, { balance: -500 }, { balance: 0.001 }, { balance: -0.001 }],
      totals: [
        { currency: 'JPY', debit: 500, credit: 500 },
        { currency: 'KWD', debit: 0.001, credit: 0.001 },
      ],
    });
  });

  it('sees a single minor unit too much, also in sums that a number cannot hold', () => {
    const huge = 10n ** 20n;
    const sums = (debit: bigint) => [
      { account: 'receivable' as const, currency: 'USD', debit, credit: 0n },
      { account: 'revenue' as const, currency: 'USD', debit: 0n, credit: huge },
    ];
    expect(presentTrialBalance(sums(huge))).toMatchObject({
      balanced: true,
      accounts: [{ balance: '1000000000000000000.00' }, { balance: '-1000000000000000000.00' }],
    });
    expect(presentTrialBalance(sums(huge + 1n)).balanced).toBe(false);
  });

  it('of one currency is not made up for by another', () => {
    const sums = [
      { account: 'cash' as const, currency: 'EUR', debit: 5n, credit: 0n },
      { account: 'cash' as const, currency: 'USD', debit: 0n, credit: 5n },
    ];
    expect(presentTrialBalance(sums).balanced).toBe(false);
  });

  it('of empty books is balanced', () => {
    expect(presentTrialBalance([])).toEqual({ balanced: true, accounts: [], totals: [] });
  });
});
