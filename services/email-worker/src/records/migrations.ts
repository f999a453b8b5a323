import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The mail records' table; see `EmailsTable` for what its columns mean. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001_emails': {
    up: async (db) => {
      await sql`
        create table emails (
          event_id text collate "C" primary key,
          number bigint generated always as identity unique,
          order_id text collate "C" not null,
          stream text collate "C" not null,
          version integer not null,
          type text not null,
          status text not null check (status in ('sending', 'sent', 'skipped')),
          recipient text,
          subject text,
          message_id text,
          attempts integer not null,
          created_at timestamptz not null default now(),
          sent_at timestamptz,
          smtp_response text,
          check ((status = 'skipped') = (recipient is null)),
          check ((recipient is null) = (message_id is null)),
          check ((status = 'sent') = (sent_at is not null))
        )`.execute(db);
      await sql`create index emails_order_idx on emails (order_id, number)`.execute(db);
      await sql`create index emails_status_idx on emails (status, number)`.execute(db);
      await sql`create index emails_thread_idx on emails (stream, version)`.execute(db);
    },
  },
  '0002_origins': {
    up: async (db) => {
      await sql`alter table emails add column correlation_id text, add column actor text`.execute(db);
    },
  },
  '0003_skip_reasons': {
    up: async (db) => {
      await sql`alter table emails add column skip_reason text`.execute(db);
    },
  },
};
