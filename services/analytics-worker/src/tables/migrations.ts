import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/**
 * Every sum has a row for each partition of the log, and queries add them up. A row shared by all partitions would
 * be the same row for nearly every event of the present hour: each batch would hold its lock until the commit is on
 * disk, so that all partitions, on however many instances, would take turns; and batches that lock several such
 * rows could deadlock. The owner of a partition is the only one to write its rows (the checkpoint's lock sees to
 * that), so no order of locking is needed. A query reads at most as many times the rows as there are partitions.
 *
 * Money and sums are numeric: a day of large orders in minor units can exceed a bigint.
 */
async function createTables(db: Kysely<unknown>): Promise<void> {
  // an order's row changes with each of its stages: room on the page keeps such updates out of the indexes
  await sql`
    create table orders (
      stream text collate "C" primary key,
      currency text not null,
      placed_at timestamptz not null,
      paid_at timestamptz,
      shipped_at timestamptz,
      delivered_at timestamptz,
      cancelled_at timestamptz,
      refunded_at timestamptz,
      lines jsonb not null
    ) with (fillfactor = 70)`.execute(db);
  await sql`create index orders_placed_at on orders (placed_at)`.execute(db);
  await sql`
    create table hours (
      hour timestamptz not null,
      currency text not null,
      partition integer not null,
      placed bigint not null,
      paid bigint not null,
      shipped bigint not null,
      delivered bigint not null,
      cancelled bigint not null,
      refunded bigint not null,
      payments numeric not null,
      refunds numeric not null,
      primary key (hour, currency, partition)
    ) with (fillfactor = 50)`.execute(db);
  await sql`
    create table customer_hours (
      hour timestamptz not null,
      currency text not null,
      user_id text collate "C" not null,
      partition integer not null,
      primary key (hour, currency, user_id, partition)
    )`.execute(db);
  await sql`
    create table product_days (
      day timestamptz not null,
      product_id text collate "C" not null,
      currency text not null,
      partition integer not null,
      name text collate "C",
      units bigint not null,
      orders bigint not null,
      revenue numeric not null,
      primary key (day, product_id, currency, partition)
    ) with (fillfactor = 70)`.execute(db);
}

/** By name, in the order in which they run. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001_tables': { up: createTables },
};
