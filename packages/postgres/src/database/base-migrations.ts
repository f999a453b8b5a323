import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What every schema has: checkpoints, dead letters and operators' requests, and the projections' pointers. */
export const baseMigrations: Readonly<Record<string, Migration>> = {
  '0001_consumer': {
    up: async (db) => {
      await sql`
        create table consumer_checkpoints (
          group_name text collate "C" not null,
          partition integer not null,
          epoch bigint not null,
          owner text not null,
          entry_id text,
          stream text,
          version bigint not null default 0,
          handled_entries bigint not null default 0,
          updated_at timestamptz not null default now(),
          primary key (group_name, partition)
        )`.execute(db);
      await sql`
        create table parked_events (
          group_name text collate "C" not null,
          partition integer not null,
          stream text collate "C" not null,
          entry_id text not null,
          cause text not null,
          error text,
          attempts integer not null,
          instance text not null,
          parked_at timestamptz not null default now(),
          primary key (group_name, partition, stream, entry_id)
        )`.execute(db);
      await sql`
        create table consumer_requests (
          id bigint generated always as identity primary key,
          group_name text collate "C" not null,
          partition integer not null,
          kind text not null check (kind in ('retry', 'discard')),
          stream text not null,
          entry_id text,
          reason text,
          requested_at timestamptz not null default now(),
          finished_at timestamptz,
          check ((kind = 'discard') = (entry_id is not null))
        )`.execute(db);
      // asking twice for what has not been done yet is one request
      await sql`
        create unique index consumer_requests_open_idx
          on consumer_requests (group_name, partition, kind, stream, entry_id) nulls not distinct
          where finished_at is null`.execute(db);
    },
  },
  '0002_projections': {
    up: async (db) => {
      await sql`
        create table projections (
          name text primary key,
          active_version integer not null,
          switched_at timestamptz not null default now()
        )`.execute(db);
      await sql`
        create table projection_versions (
          name text not null references projections,
          version integer not null,
          definition jsonb not null,
          registered_at timestamptz not null default now(),
          primary key (name, version)
        )`.execute(db);
    },
  },
  '0003_crashes_and_resync': {
    up: async (db) => {
      // an owner's word that it is gone, and which event it was trying alone: see `takeCheckpointOver`
      await sql`
        alter table consumer_checkpoints
          add column owner_state text not null default 'gone'
            check (owner_state in ('working', 'careful', 'gone')),
          add column suspect text,
          add column crashes integer not null default 0,
          add column trying boolean not null default false`.execute(db);
      await sql`
        alter table consumer_requests
          drop constraint consumer_requests_kind_check,
          add check (kind in ('retry', 'discard', 'resync')),
          alter column stream drop not null,
          add check ((kind = 'resync') = (stream is null)),
          add column how text check (how in ('rebuild', 'accept')),
          add check ((kind = 'resync') = (how is not null)),
          add column actor text,
          add column outcome text`.execute(db);
    },
  },
  '0004_projection_control': {
    up: async (db) => {
      await sql`
        alter table projections
          add column previous_version integer,
          add column paused boolean not null default false`.execute(db);
      await sql`
        alter table projection_versions
          add column fold_version integer,
          add column switch_when text check (switch_when in ('caught-up', 'asked')),
          add column comparison jsonb,
          add column retired_at timestamptz,
          add column removed_at timestamptz`.execute(db);
      await sql`update projection_versions set fold_version = version`.execute(db);
      await sql`alter table projection_versions alter column fold_version set not null`.execute(db);
    },
  },
  '0005_care_that_is_remembered': {
    up: async (db) => {
      // `careful` is no state of its own any more, but releases before this one write it: it counts as `working`
      await sql`alter table consumer_checkpoints add column careful_until bigint`.execute(db);
    },
  },
  '0006_deferred_events': {
    up: async (db) => {
      await sql`alter table parked_events add column retry_at timestamptz`.execute(db);
    },
  },
  '0007_known_log': {
    up: async (db) => {
      await sql`
        create table known_logs (
          name text primary key,
          id text not null,
          since timestamptz not null default now()
        )`.execute(db);
    },
  },
  '0008_what_operators_see': {
    up: async (db) => {
      await sql`alter table parked_events add column stack text`.execute(db);
      // to look up what has become of requests, of which many are kept
      await sql`
        create index consumer_requests_latest_idx
          on consumer_requests (group_name, finished_at desc nulls first, id desc)`.execute(db);
    },
  },
};
