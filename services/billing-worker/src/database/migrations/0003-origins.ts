import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Who made the request behind an invoice and a posting, and its correlation id; unknown for those from before. */
export const origins: Migration = {
  up: async (db) => {
    await sql`alter table invoices add column actor text`.execute(db);
    await sql`alter table postings add column correlation_id text, add column actor text`.execute(db);
  },
};
