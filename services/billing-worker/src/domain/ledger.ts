import type { Money } from '@headrace/shop';

/**
 * The chart of accounts. `receivable`: what customers owe. `revenue`: what was sold. `cash`: what came in and was
 * not given back. `refunds`: what was given back, kept apart from revenue so that both stay visible.
 */
export const ACCOUNTS = ['receivable', 'revenue', 'cash', 'refunds'] as const;
export type Account = (typeof ACCOUNTS)[number];

export type Side = 'debit' | 'credit';

/** One line of a posting: a positive amount on one side of an account. */
export interface Entry {
  readonly account: Account;
  readonly side: Side;
  readonly amount: Money;
}

/** Why something was posted. */
export const POSTING_KINDS = ['sale', 'payment', 'sale_reversed', 'refund'] as const;
export type PostingKind = (typeof POSTING_KINDS)[number];

/** Entries that belong together and balance in each currency. Once made it never changes. */
export interface Posting {
  /** What it is keyed by, with the stream: an event is posted at most once. */
  readonly eventId: string;
  readonly kind: PostingKind;
  readonly stream: string;
  readonly orderId: string;
  /** Business time of the event, ISO 8601. */
  readonly occurredAt: string;
  /** Of the event, as are those of the request behind it. */
  readonly correlationId?: string;
  readonly actor?: string;
  readonly entries: readonly Entry[];
}

/** The two entries that move an amount from the credited account to the debited one; none for zero. */
export function transfer(debit: Account, credit: Account, amount: Money): readonly Entry[] {
  if (amount.minor === 0) return [];
  return [
    { account: debit, side: 'debit', amount },
    { account: credit, side: 'credit', amount },
  ];
}
