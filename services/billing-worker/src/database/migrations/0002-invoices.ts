import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Invoices, one for each order's stream, and the outbox of the commands that they lead to. */
export const invoices: Migration = {
  up: async (db) => {
    for (const statement of [INVOICES, OUTBOX]) await sql.raw(statement).execute(db);
  },
};

const INVOICES = `
  create table invoices (
    stream text collate "C" primary key,
    number bigint not null unique,
    order_id text collate "C" not null,
    user_id text collate "C" not null,
    payment_terms text not null,
    currency text not null,
    amount bigint not null check (amount >= 0),
    paid bigint not null check (paid >= 0 and paid <= amount),
    refunded bigint not null check (refunded >= 0 and refunded <= paid),
    status text not null check (status in ('open', 'paid', 'partially_refunded', 'refunded', 'void')),
    lines jsonb not null,
    issued_at timestamptz not null,
    due_at timestamptz,
    paid_at timestamptz,
    voided_at timestamptz,
    issued_event_id text not null,
    issued_position text not null,
    position text not null,
    correlation_id text,
    cancel_requested_at timestamptz
  );
  create index invoices_order_idx on invoices (order_id);
  create index invoices_status_idx on invoices (status, number);
  create index invoices_user_idx on invoices (user_id, number);
  create index invoices_due_idx on invoices (due_at) where status = 'open' and cancel_requested_at is null;`;

const OUTBOX = `
  create table outbox (
    id bigint generated always as identity primary key,
    key text collate "C" not null unique,
    type text not null,
    category text not null,
    stream text not null,
    data jsonb not null,
    meta jsonb not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    command_id text,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    last_error text,
    check ((sent_at is null) = (command_id is null))
  );
  create index outbox_unsent_idx on outbox (id) where sent_at is null;`;
