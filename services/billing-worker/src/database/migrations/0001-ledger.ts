import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * The ledger guards itself. When a transaction ends, a deferred trigger refuses a posting whose debits differ from
 * its credits in any currency, or whose entries are not as many as it says. Every posting that was committed is
 * thus complete, so a second trigger, on entries, only has to refuse what comes on top. Nothing can be changed or
 * removed. The functions keep the schema's search path, whoever calls.
 */
export const ledger: Migration = {
  up: async (db) => {
    for (const statement of [TABLES, BALANCE, IMMUTABLE]) await sql.raw(statement).execute(db);
  },
};

const TABLES = `
  create table series (
    name text primary key,
    last bigint not null
  );
  insert into series values ('invoice', 0), ('posting', 0);

  create table postings (
    number bigint primary key,
    event_id text collate "C" not null unique,
    kind text not null check (kind in ('sale', 'payment', 'sale_reversed', 'refund')),
    stream text collate "C" not null,
    order_id text collate "C" not null,
    occurred_at timestamptz not null,
    posted_at timestamptz not null default now(),
    entry_count integer not null check (entry_count >= 2)
  );
  create index postings_order_idx on postings (order_id, number);

  create table entries (
    posting bigint not null references postings,
    line integer not null,
    account text not null check (account in ('receivable', 'revenue', 'cash', 'refunds')),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    debit bigint not null check (debit >= 0),
    credit bigint not null check (credit >= 0),
    primary key (posting, line),
    check ((debit = 0) <> (credit = 0))
  );`;

const BALANCE = `
  create function assert_posting_balances() returns trigger language plpgsql set search_path from current as $$
  declare
    counted bigint;
    unbalanced text;
  begin
    select coalesce(sum(n), 0), string_agg(currency, ', ') filter (where debits <> credits)
      into counted, unbalanced
      from (
        select currency, count(*) as n, sum(debit) as debits, sum(credit) as credits
        from entries where posting = new.number group by currency
      ) by_currency;
    if counted <> new.entry_count then
      raise exception 'posting % has % entries instead of %', new.number, counted, new.entry_count
        using errcode = 'check_violation';
    end if;
    if unbalanced is not null then
      raise exception 'posting % does not balance in %', new.number, unbalanced
        using errcode = 'check_violation';
    end if;
    return null;
  end $$;

  create constraint trigger postings_balance after insert on postings
    deferrable initially deferred for each row execute function assert_posting_balances();

  create function refuse_additions() returns trigger language plpgsql set search_path from current as $$
  declare
    complete bigint;
  begin
    select number into complete from postings
      where number in (select posting from added)
        and entry_count < (select count(*) from entries where posting = number)
      limit 1;
    if complete is not null then
      raise exception 'posting % is complete: it takes no more entries', complete
        using errcode = 'check_violation';
    end if;
    return null;
  end $$;

  create trigger entries_complete after insert on entries referencing new table as added
    for each statement execute function refuse_additions();`;

const IMMUTABLE = `
  create function refuse_change() returns trigger language plpgsql set search_path from current as $$
  begin
    raise exception 'the ledger is append-only: % on % is refused', tg_op, tg_table_name
      using errcode = 'restrict_violation', hint = 'post a correction instead';
  end $$;

  create trigger postings_immutable before update or delete or truncate on postings
    for each statement execute function refuse_change();
  create trigger entries_immutable before update or delete or truncate on entries
    for each statement execute function refuse_change();`;
