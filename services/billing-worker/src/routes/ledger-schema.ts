import { definedOnly } from '@headrace/event-schema';
import { sumSchema, sumToDecimal, toDecimal } from '@headrace/shop';
import { z } from 'zod';
import type { AccountTotals, NumberedPosting } from '../database/ledger.ts';
import { ACCOUNTS, POSTING_KINDS } from '../domain/ledger.ts';

const accountSchema = z.enum(ACCOUNTS);
/** A posting as clients see it, in the columns of a journal. */
export const postingSchema = z
  .object({
    number: z.int().describe('consecutive, without gaps, in the order of posting'),
    kind: z.enum(POSTING_KINDS),
    orderId: z.string(),
    eventId: z.string().describe('the event that was posted, which is its cause'),
    correlationId: z.string().optional().describe('of the request behind that event'),
    actor: z.string().optional().describe('who made it, as stated in X-Actor'),
    occurredAt: z.iso.datetime().describe('business time'),
    postedAt: z.iso.datetime(),
    entries: z.array(
      z.object({ account: accountSchema, currency: z.string(), debit: z.number(), credit: z.number() }),
    ),
  })
  .meta({
    id: 'Posting',
    examples: [
      {
        number: 7,
        kind: 'payment',
        orderId: '6f1c2b1e-8f0b-4d55-9a35-0c8e6f1a2b3c',
        eventId: '3-1768485660000-0',
        correlationId: 'c0a80101-7f3f-4d55-9a35-0c8e6f1a2b3c',
        actor: 'clerk-7',
        occurredAt: '2026-01-15T14:01:00.000Z',
        postedAt: '2026-01-15T14:01:00.012Z',
        entries: [
          { account: 'cash', currency: 'EUR', debit: 39.9, credit: 0 },
          { account: 'receivable', currency: 'EUR', debit: 0, credit: 39.9 },
        ],
      },
    ],
  });

export const trialBalanceSchema = z
  .object({
    balanced: z.boolean().describe('debits equal credits in every currency'),
    accounts: z.array(
      z.object({
        account: accountSchema,
        currency: z.string(),
        debit: sumSchema.describe('text beyond 15 digits, here and in all sums'),
        credit: sumSchema,
        balance: sumSchema.describe('debit less credit'),
      }),
    ),
    totals: z.array(z.object({ currency: z.string(), debit: sumSchema, credit: sumSchema })),
  })
  .meta({
    id: 'TrialBalance',
    examples: [
      {
        balanced: true,
        accounts: [
          { account: 'cash', currency: 'EUR', debit: 39.9, credit: 0, balance: 39.9 },
          { account: 'receivable', currency: 'EUR', debit: 39.9, credit: 39.9, balance: 0 },
          { account: 'revenue', currency: 'EUR', debit: 0, credit: 39.9, balance: -39.9 },
        ],
        totals: [{ currency: 'EUR', debit: 79.8, credit: 79.8 }],
      },
    ],
  });

/** The posting in the form of `postingSchema`. */
export function presentPosting(posting: NumberedPosting): z.output<typeof postingSchema> {
  const { number, kind, orderId, eventId, occurredAt, postedAt, correlationId, actor } = posting;
  const entries = posting.entries.map(({ account, side, amount }) => ({
    account,
    currency: amount.currency,
    debit: side === 'debit' ? toDecimal(amount) : 0,
    credit: side === 'credit' ? toDecimal(amount) : 0,
  }));
  const origin = definedOnly({ correlationId, actor });
  return { number, kind, orderId, eventId, ...origin, occurredAt, postedAt, entries };
}

/** The accounts' sums, and whether they balance, in the form of `trialBalanceSchema`. */
export function presentTrialBalance(sums: readonly AccountTotals[]): z.output<typeof trialBalanceSchema> {
  const totals = new Map<string, { debit: bigint; credit: bigint }>();
  for (const { currency, debit, credit } of sums) {
    const total = totals.get(currency) ?? { debit: 0n, credit: 0n };
    totals.set(currency, { debit: total.debit + debit, credit: total.credit + credit });
  }
  return {
    balanced: [...totals.values()].every(({ debit, credit }) => debit === credit),
    accounts: sums.map(({ account, currency, debit, credit }) => ({
      account,
      currency,
      debit: sumToDecimal(debit, currency),
      credit: sumToDecimal(credit, currency),
      balance: sumToDecimal(debit - credit, currency),
    })),
    totals: [...totals].map(([currency, { debit, credit }]) => ({
      currency,
      debit: sumToDecimal(debit, currency),
      credit: sumToDecimal(credit, currency),
    })),
  };
}
