import { describe, expect, it } from 'vitest';
import { bankEvents } from '../../test/support/sound-bank.ts';
import { events, soundEvidence } from '../../test/support/sound-evidence.ts';
import { found, shorter } from '../../test/support/violations.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Outcome } from '../load/client.ts';

const books = soundEvidence.books;
const [firstRequest] = soundEvidence.requests;
const [, payment] = events;

describe('a run', () => {
  it('is sound', () => {
    expect(found({})).toEqual([]);
  });
});

describe('the log', () => {
  it('must not have gaps, nor an event twice, nor another index', () => {
    expect(found({ log: [shorter(events)] }).join()).toContain('order:one: version 2 follows 0');
    expect(found({ log: [[...events, ...events]] }).join()).toContain('is in the log twice');
    const verified = [{ partition: 3, events: 1, streams: 1, problems: ['it differs'], ok: false }];
    expect(found({ verified })).toEqual(['index of partition 3: it differs']);
  });
});

describe('a write', () => {
  const endedAs = (outcome: Outcome, change = {}): string =>
    found({
      requests: firstRequest === undefined ? [] : [{ ...firstRequest, outcome, ...change }],
    }).join();

  it('must be there as it was acknowledged', () => {
    expect(endedAs({ status: 'acknowledged', eventId: '0-1-0', version: 1 })).toContain('which is not there');
    const lost = { mark: 'm-lost' };
    expect(endedAs({ status: 'acknowledged', eventId: events[0]?.id ?? '', version: 1 }, lost)).toContain(
      'is not in the log',
    );
  });

  it('must not take effect twice', () => {
    const again = payment === undefined ? [] : [{ ...payment, id: '0-9-0', version: 6 }];
    expect(found({ log: [[...events, ...again]] }).join()).toContain('pay m-pay took effect 2 times');
  });

  it('must not be refused, unless another one competed with it', () => {
    const refused: Outcome = { status: 'refused', code: 409, problem: 'no' };
    expect(endedAs(refused, { mark: 'm-other' })).toContain('was refused: no');
    expect(endedAs(refused, { contest: 'payment' })).toContain('is in the log as');
  });

  it('must be won by one of those that compete, and by no more', () => {
    const refused: Outcome = { status: 'refused', code: 409, problem: 'no' };
    const won: Outcome = { status: 'acknowledged', eventId: '0-1-0', version: 1 };
    const contest = (...outcomes: readonly Outcome[]): string =>
      found({
        requests: outcomes.flatMap((outcome, index) =>
          firstRequest === undefined
            ? []
            : [{ ...firstRequest, mark: `m-${index}`, contest: 'prize', outcome }],
        ),
      }).join();
    expect(contest(refused, refused)).toContain('no request won the prize');
    expect(contest(won, won)).toContain('2 requests won the prize');
    expect(contest(won, refused)).not.toContain('prize');
    // nobody knows what the other one got
    expect(contest({ status: 'unknown' }, refused)).not.toContain('prize');
  });

  it('must be answered in the end if it has a key', () => {
    expect(endedAs({ status: 'unknown' })).toContain('never answered');
    expect(endedAs({ status: 'unknown' }, { keyed: false })).toBe('');
  });
});

describe('read models', () => {
  it('must have every row, as the log has it', () => {
    expect(found({ orders: [] })).toEqual(['orders has no row for order:one']);
    const orders = soundEvidence.orders.map((row) => ({ ...row, status: 'paid' }));
    expect(found({ orders }).join()).toContain('orders says');
    expect(found({ audit: shorter(soundEvidence.audit) }).join()).toContain('the audit log never handled');
    const audit = soundEvidence.audit.map((row) => ({ ...row, data: {} }));
    expect(found({ audit })).toHaveLength(soundEvidence.audit.length);
    const days = soundEvidence.days.map((row) => ({ ...row, paid_minor: 5_000 }));
    expect(found({ days }).join()).toContain('daily_summary says');
  });

  it('must count once', () => {
    expect(found({ summary: { ...(soundEvidence.summary as object), uniqueCustomers: 2 } })).toHaveLength(1);
    const products = soundEvidence.products.map((row) => ({ ...row, orders: 1 }));
    expect(found({ products })).toHaveLength(1);
  });
});

describe('the bank', () => {
  it('must have every account and user, as the log has it', () => {
    expect(found({ accounts: [] })).toEqual(['accounts has no row for account:ACC-1']);
    const accounts = soundEvidence.accounts.map((row) => ({ ...row, balance_minor: 1 }));
    expect(found({ accounts }).join()).toContain('accounts says');
    expect(found({ users: [] })).toEqual(['users has no row for user-1']);
    const users = soundEvidence.users.map((row) => ({ ...row, state: { attributes: { plan: 'none' } } }));
    expect(found({ users }).join()).toContain('users says');
    const accountDays = soundEvidence.accountDays.map((row) => ({ ...row, deposits_minor: '20000' }));
    expect(found({ accountDays }).join()).toContain('account_days says');
  });

  it('must move every sum once, from the balance before', () => {
    const [opened, deposit, ...rest] = bankEvents;
    if (opened === undefined || deposit === undefined) throw new Error('nothing was deposited');
    const again = [opened, deposit, { ...deposit, id: '1-9-0', version: 3 }, ...rest.slice(1)];
    const wrong = found({ log: [events, again] }).join();
    expect(wrong).toContain('tells a balance of 10000 after 10000, which makes 20000');
    expect(wrong).toContain('account_days says');
  });

  it('must execute a command once, and to its end if it was queued', () => {
    const command = {
      mark: 'm-deposit',
      what: 'deposit',
      keyed: false,
      contest: undefined,
      orderId: undefined,
    };
    const endedAs = (outcome: Outcome): string =>
      found({ requests: [{ ...command, attempts: 1, outcome }] }).join();
    const eventId = bankEvents[1]?.id ?? '';
    expect(endedAs({ status: 'acknowledged', eventId, version: 2 })).toBe('');
    expect(endedAs({ status: 'acknowledged', eventId, version: 3 })).toContain('which has version 2');
    expect(endedAs({ status: 'refused', code: 409, problem: 'no' })).toContain('is in the log as');
    expect(endedAs({ status: 'unknown', queuedAs: '1-c' })).toContain('was queued as 1-c and never ended');
  });
});

describe('the books', () => {
  const wrong = (change: Partial<Evidence['books']>): string =>
    found({ books: { ...books, ...change } }).join();

  it('must post every event once, in order, without gaps', () => {
    expect(wrong({ postings: shorter(books.postings) })).toContain('the ledger never handled');
    expect(wrong({ postings: books.postings.toReversed() })).toContain('after version');
    expect(wrong({ postings: [...books.postings, ...books.postings] })).toContain('2 times');
    expect(wrong({ postings: books.postings.map((row) => ({ ...row, number: row.number + 1 })) })).toContain(
      'not numbered without gaps',
    );
  });

  it('must balance and be what the log says', () => {
    const half = books.postings.map((row) => ({ ...row, entries: row.entries.slice(0, 1) }));
    expect(wrong({ postings: half })).toContain('off by');
    expect(wrong({ trialBalance: { balanced: false } })).toBe('the trial balance does not balance');
    expect(wrong({ invoices: [] })).toContain('the invoice of order:one says');
    expect(wrong({ invoices: [...books.invoices, ...books.invoices] })).toContain('two invoices');
  });

  it('must refund a cancelled order by one command', () => {
    expect(wrong({ outbox: [] })).toContain('0 commands ask for its refund');
    expect(wrong({ outbox: [...books.outbox, ...books.outbox] })).toContain('2 commands');
    expect(wrong({ outbox: books.outbox.map((row) => ({ ...row, command: null })) })).toContain('is null');
    expect(found({ log: [events.slice(0, 4)] }).join()).toContain('is still owed 1500');
  });
});

describe('a declared projection', () => {
  const { declared } = soundEvidence;

  it('must not lack a row, have another, or count twice', () => {
    expect(found({ declared: { ...declared, payments: [] } }).join()).toContain(
      'payments has no row for USD',
    );
    const twice = [{ stream: 'ann', value: 3, events: 3 }];
    expect(found({ declared: { ...declared, turning_points: twice } }).join()).toContain('turning_points');
    const stale = [{ stream: 'order:one', value: events[0]?.data, events: 2 }];
    expect(found({ declared: { ...declared, latest: stale } }).join()).toContain('latest');
    const other = [...declared.payments, { stream: 'EUR', value: '0', events: 0 }];
    expect(found({ declared: { ...declared, payments: other } }).join()).toContain('EUR');
  });
});

describe('dead letters', () => {
  it('must not be left', () => {
    expect(found({ deadLetters: ['billing order:one'] })).toEqual(['billing order:one']);
  });
});
