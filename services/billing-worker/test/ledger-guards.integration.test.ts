import { usePostgres } from '@headrace/test-kit';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BillingDatabase, createBillingDatabase } from '../src/database/billing-database.ts';
import { insertPostings, listPostings } from '../src/database/ledger.ts';
import { enqueueCommands } from '../src/database/outbox.ts';
import type { BillingTables } from '../src/database/tables.ts';
import { cancelOverdue } from '../src/domain/commands.ts';
import { type Entry, type Posting, transfer } from '../src/domain/ledger.ts';

const postgres = usePostgres({ isolation: 'database' });
let database: BillingDatabase;
let db: Kysely<BillingTables>;
let eventId = '';
let count = 0;

beforeAll(async () => {
  database = createBillingDatabase({ url: postgres.url });
  await database.migrate();
  db = database.db;
});
afterAll(() => database.close());
beforeEach(() => {
  count += 1;
  eventId = `3-${count}-0`;
});

const usd = { minor: 500, currency: 'USD' };

function posting(entries: readonly Entry[]): Posting {
  return {
    eventId,
    kind: 'sale',
    stream: 'order:o-1',
    orderId: 'o-1',
    occurredAt: '2026-01-15T14:00:00.000Z',
    entries,
  };
}

function post(...postings: readonly Posting[]): Promise<void> {
  return db.transaction().execute((tx) => insertPostings(tx, postings));
}

const sale = transfer('receivable', 'revenue', usd);
const isPosted = async () => {
  const { rows } = await sql`select 1 from postings where event_id = ${eventId}`.execute(db);
  return rows.length > 0;
};

describe('the ledger in the database', () => {
  it('takes a posting that balances, in several currencies too', async () => {
    const eur = { minor: 7, currency: 'EUR' };
    await post(posting([...sale, ...transfer('refunds', 'cash', eur)]));
    expect(await isPosted()).toBe(true);
  });

  it.each<[string, readonly Entry[]]>([
    [
      'with one minor unit too much',
      [
        { account: 'receivable', side: 'debit', amount: { minor: 501, currency: 'USD' } },
        { account: 'revenue', side: 'credit', amount: usd },
      ],
    ],
    [
      'with two debits',
      [
        { account: 'receivable', side: 'debit', amount: usd },
        { account: 'revenue', side: 'debit', amount: usd },
      ],
    ],
    [
      'that balances over currencies only',
      [
        { account: 'receivable', side: 'debit', amount: usd },
        { account: 'revenue', side: 'credit', amount: { minor: 500, currency: 'EUR' } },
      ],
    ],
  ])('refuses a posting %s, when the transaction ends', async (_what, entries) => {
    await expect(post(posting(entries))).rejects.toMatchObject({
      code: '23514',
      message: expect.stringMatching(/^posting \d+ does not balance in /),
    });
    expect(await isPosted()).toBe(false);
  });

  it('refuses a posting without its entries', async () => {
    const bare = sql`
      insert into postings (number, event_id, kind, stream, order_id, occurred_at, entry_count)
      values (1000, ${eventId}, 'sale', 'order:o-1', 'o-1', now(), 2)`;
    await expect(bare.execute(db)).rejects.toMatchObject({ code: '23514' });
    expect(await isPosted()).toBe(false);
  });

  it('refuses to add entries to a posting that was made before, even ones that balance', async () => {
    await post(posting(sale));
    const [made] = (await listPostings(db, { after: 0, limit: 100 })).slice(-1);
    const addition = sql`
      insert into entries (posting, line, account, currency, debit, credit)
      values (${made?.number}, 3, 'cash', 'USD', 9, 0), (${made?.number}, 4, 'revenue', 'USD', 0, 9)`;
    await expect(addition.execute(db)).rejects.toMatchObject({ code: '23514' });
  });

  it('refuses to post an event twice', async () => {
    await post(posting(sale));
    await expect(post(posting(sale))).rejects.toMatchObject({ code: '23505' });
  });

  it.each([
    'update entries set debit = debit * 2, credit = credit * 2',
    `update postings set order_id = 'o-2'`,
    'delete from entries',
    'delete from postings',
    'truncate entries',
    'truncate postings cascade',
  ])('refuses to %s', async (statement) => {
    await post(posting(sale));
    const before = await listPostings(db, { after: 0, limit: 100 });
    await expect(sql.raw(statement).execute(db)).rejects.toMatchObject({
      code: '23001',
      message: expect.stringContaining('append-only'),
    });
    expect(await listPostings(db, { after: 0, limit: 100 })).toEqual(before);
  });

  it('numbers postings in the order of their commits, without gaps after a refusal', async () => {
    const [last] = (await listPostings(db, { after: 0, limit: 100 })).slice(-1);
    const held = Promise.withResolvers<void>();
    const slow = db.transaction().execute(async (tx) => {
      await insertPostings(tx, [posting(sale)]);
      await held.promise;
      throw new Error('rolled back');
    });
    const second = post({ ...posting(sale), eventId: `${eventId}-second` });
    held.resolve();
    await expect(slow).rejects.toThrow('rolled back');
    await second;
    const rows = await listPostings(db, { after: last?.number ?? 0, limit: 100 });
    expect(rows.map(({ number, eventId: id }) => [number, id])).toEqual([
      [(last?.number ?? 0) + 1, `${eventId}-second`],
    ]);
  });
});

describe('the outbox in the database', () => {
  it('holds a command once for each key', async () => {
    const command = cancelOverdue({
      stream: 'order:o-1',
      dueAt: '2026-01-15T15:00:00.000Z',
      issuedBy: { eventId: '3-1-0', position: '3-1-0' },
    });
    for (let i = 0; i < 2; i += 1) await db.transaction().execute((tx) => enqueueCommands(tx, [command]));
    expect(await db.selectFrom('outbox').select(['key', 'type']).execute()).toEqual([
      { key: 'payment-deadline:o-1', type: 'CancelOrder' },
    ]);
  });
});
