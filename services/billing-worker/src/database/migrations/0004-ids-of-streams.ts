import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Events with ids of their own, imported before the log saw to it, may share one where they are on different streams: a
 * posting is once for each event of each stream.
 */
export const idsOfStreams: Migration = {
  up: async (db) => {
    await sql`alter table postings drop constraint postings_event_id_key`.execute(db);
    await sql`create unique index postings_event_idx on postings (event_id, stream)`.execute(db);
  },
};
