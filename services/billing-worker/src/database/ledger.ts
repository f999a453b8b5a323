import { definedOnly } from '@headrace/event-schema';
import { orderStream } from '@headrace/shop';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Account, Entry, Posting } from '../domain/ledger.ts';
import { takeNumbers } from './gapless-numbers.ts';
import type { BillingTables } from './tables.ts';

/** A posting as it stands in the ledger. */
export interface NumberedPosting extends Posting {
  /** From 1, without gaps, in the order of posting. */
  readonly number: number;
  /** ISO 8601. */
  readonly postedAt: string;
}

/** Appends postings under the next numbers, in the order given. The database refuses those that do not balance. */
export async function insertPostings(
  tx: Transaction<BillingTables>,
  postings: readonly Posting[],
): Promise<void> {
  if (postings.length === 0) return;
  const first = await takeNumbers(tx, 'posting', postings.length);
  const numbered = postings.map((posting, index) => ({ ...posting, number: first + index }));
  await tx
    .insertInto('postings')
    .values(
      numbered.map(
        ({ number, eventId, kind, stream, orderId, occurredAt, correlationId, actor, entries }) => ({
          number,
          event_id: eventId,
          kind,
          stream,
          order_id: orderId,
          occurred_at: occurredAt,
          entry_count: entries.length,
          correlation_id: correlationId ?? null,
          actor: actor ?? null,
        }),
      ),
    )
    .execute();
  const entryRows = numbered.flatMap(({ number, entries }) =>
    entries.map(({ account, side, amount }, index) => ({
      posting: number,
      line: index + 1,
      account,
      currency: amount.currency,
      debit: side === 'debit' ? amount.minor : 0,
      credit: side === 'credit' ? amount.minor : 0,
    })),
  );
  await tx.insertInto('entries').values(entryRows).execute();
}

export interface LedgerFilter {
  readonly orderId?: string | undefined;
  /** Only postings with a higher number. */
  readonly after: number;
  readonly limit: number;
}

/** In the order of posting. A posting that becomes visible later has a higher number: a reader misses none. */
export async function listPostings(
  db: Kysely<BillingTables>,
  { orderId, after, limit }: LedgerFilter,
): Promise<readonly NumberedPosting[]> {
  let query = db
    .selectFrom('postings')
    .selectAll()
    .where('number', '>', after)
    .orderBy('number')
    .limit(limit);
  if (orderId !== undefined) query = query.where('order_id', 'in', [orderId, orderStream(orderId)]);
  const rows = await query.execute();
  const entries = await entriesOf(
    db,
    rows.map(({ number }) => number),
  );
  return rows.map((row) => ({
    number: row.number,
    eventId: row.event_id,
    kind: row.kind,
    stream: row.stream,
    orderId: row.order_id,
    occurredAt: row.occurred_at.toISOString(),
    postedAt: row.posted_at.toISOString(),
    ...definedOnly({
      correlationId: row.correlation_id ?? undefined,
      actor: row.actor ?? undefined,
    }),
    entries: entries.get(row.number) ?? [],
  }));
}

async function entriesOf(
  db: Kysely<BillingTables>,
  postings: readonly number[],
): Promise<ReadonlyMap<number, readonly Entry[]>> {
  const byPosting = new Map<number, Entry[]>();
  if (postings.length === 0) return byPosting;
  const rows = await db
    .selectFrom('entries')
    .selectAll()
    .where('posting', 'in', postings)
    .orderBy('posting')
    .orderBy('line')
    .execute();
  for (const { posting, account, currency, debit, credit } of rows) {
    const entry: Entry = {
      account,
      side: debit > 0 ? 'debit' : 'credit',
      amount: { minor: debit + credit, currency },
    };
    byPosting.set(posting, [...(byPosting.get(posting) ?? []), entry]);
  }
  return byPosting;
}

/** Sums of one account in one currency, in minor units; sums may grow beyond what a number holds exactly. */
export interface AccountTotals {
  readonly account: Account;
  readonly currency: string;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** By currency, then account. One statement, so one moment. */
export async function sumAccounts(db: Kysely<BillingTables>): Promise<readonly AccountTotals[]> {
  const rows = await db
    .selectFrom('entries')
    .select(['account', 'currency'])
    .select([sql<string>`sum(debit)::text`.as('debit'), sql<string>`sum(credit)::text`.as('credit')])
    .groupBy(['currency', 'account'])
    .orderBy('currency')
    .orderBy('account')
    .execute();
  return rows.map((row) => ({ ...row, debit: BigInt(row.debit), credit: BigInt(row.credit) }));
}
