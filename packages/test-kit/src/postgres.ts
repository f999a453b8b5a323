import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import './servers-for-the-run.ts';

export interface TestPostgres {
  /** A database of this call's own with `isolation: 'database'`, else the run's shared one. */
  readonly url: string;
  /** A schema of this call's own; exists before the first test, is dropped with all it holds after the last. */
  readonly schema: string;
  /** `url` with that schema as its search path, for code that names no schema. */
  readonly schemaUrl: string;
}

export interface UsePostgresOptions {
  /** `database` for code under test whose schema names are fixed; costs about 100 ms. Default `schema`. */
  readonly isolation?: 'schema' | 'database';
}

/**
 * The run's PostgreSQL, for integration tests. Call it at the top of a file or `describe`; the values are there at
 * once, schema and database from the first `beforeAll` after it on.
 */
export function usePostgres(options: UsePostgresOptions = {}): TestPostgres {
  const sharedUrl = usePostgresUrl();
  const name = `test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const ownDatabase = options.isolation === 'database';
  const url = ownDatabase ? withDatabase(sharedUrl, name) : sharedUrl;

  beforeAll(async () => {
    if (ownDatabase) await run(sharedUrl, `CREATE DATABASE ${name}`);
    await run(url, `CREATE SCHEMA ${name}`);
  });
  afterAll(() =>
    ownDatabase
      ? run(sharedUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      : run(url, `DROP SCHEMA IF EXISTS ${name} CASCADE`),
  );
  return { url, schema: name, schemaUrl: withSearchPath(url, name) };
}

/** Only the URL of the run's PostgreSQL; the caller removes what it creates. */
export function usePostgresUrl(): string {
  return inject('headracePostgresUrl');
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

function withSearchPath(url: string, schema: string): string {
  const changed = new URL(url);
  changed.searchParams.set('options', `-csearch_path=${schema}`);
  return changed.href;
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
