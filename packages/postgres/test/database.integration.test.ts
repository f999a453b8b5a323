import { eventually, startOwnPostgres, usePostgres } from '@headrace/test-kit';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pipelined } from '../src/database/pipelined.ts';
import { createDatabase, type Database, type DatabaseOptions } from '../src/index.ts';

const postgres = usePostgres({ isolation: 'database' });
const open: Database<unknown>[] = [];

function connect(options: Partial<DatabaseOptions> = {}): Database<unknown> {
  const database = createDatabase<unknown>({
    url: postgres.url,
    schema: postgres.schema,
    migrations: {},
    ...options,
  });
  open.push(database);
  return database;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((database) => database.close()));
});

async function readValue(database: Database<unknown>, expression: string): Promise<unknown> {
  const { rows } = await sql<{ value: unknown }>`select ${sql.raw(expression)} as value`.execute(database.db);
  return rows[0]?.value;
}

describe('values', () => {
  it.each([
    ['1::bigint', 1],
    ['999999999999999::bigint', 999_999_999_999_999],
    ['count(*) from (values (1), (2)) as t', 2],
    ["'2026-01-31'::date", '2026-01-31'],
    ["'2026-01-31T10:00:00+02'::timestamptz", new Date('2026-01-31T08:00:00Z')],
    ["'1.50'::numeric", '1.50'],
  ])('come as they are meant: %s', async (expression, value) => {
    const [first, ...rest] = expression.split(' from ');
    const database = connect();
    const { rows } = await sql<{ value: unknown }>`select ${sql.raw(first ?? '')} as value ${sql.raw(
      rest.length > 0 ? `from ${rest.join(' from ')}` : '',
    )}`.execute(database.db);
    expect(rows[0]?.value).toEqual(value);
  });

  it('refuse a bigint that a number does not hold', async () => {
    await expect(readValue(connect(), '9007199254740993::bigint')).rejects.toMatchObject({
      code: 'BIGINT_OUT_OF_RANGE',
    });
  });
});

describe('connections', () => {
  it('see their schema only, name themselves, and keep the options of the url', async () => {
    const url = new URL(postgres.url);
    url.searchParams.set('options', '-cwork_mem=5MB -csearch_path=public');
    const database = connect({ url: url.href });
    expect(await readValue(database, 'current_schemas(false)::text')).toBe(`{${postgres.schema}}`);
    expect(await readValue(database, "current_setting('work_mem')")).toBe('5MB');
    expect(await readValue(database, "current_setting('application_name')")).toBe(
      `headrace/${postgres.schema}`,
    );
  });

  it('bound statements, waits for locks, and idling in a transaction', async () => {
    const database = connect();
    for (const bound of ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'])
      expect(await readValue(database, `current_setting('${bound}')`)).toMatch(/^[1-9]\d*s$/);
  });

  it('keep the plans of statements with parameters, each text once', async () => {
    const database = connect({ maxConnections: 1 });
    for (const value of [1, 2, 3]) await sql`select ${value}::integer + 1`.execute(database.db);
    await sql`select ${'a'}::text`.execute(database.db);
    await sql`select 'without parameters'`.execute(database.db);
    const { rows } = await sql<{ statement: string }>`
      select statement from pg_prepared_statements order by prepare_time`.execute(database.db);
    expect(rows.map(({ statement }) => statement)).toEqual(['select $1::integer + 1', 'select $1::text']);
  });

  it('keep no more than 500 plans, however many texts there are', async () => {
    const database = connect({ maxConnections: 1 });
    for (let n = 0; n < 510; n += 1)
      await sql`select ${n}::integer + ${sql.raw(`${n}`)}`.execute(database.db);
    expect(await readValue(database, '(select count(*)::integer from pg_prepared_statements)')).toBe(500);
  });

  it('do not stay with the plan of a small table when that has grown', async () => {
    const database = connect({ maxConnections: 1 });
    const { db } = database;
    // the server itself makes new plans once it has counted the rows, within a minute or so
    await sql`create table growing (id text primary key) with (autovacuum_enabled = off)`.execute(db);
    await sql`insert into growing values ('0')`.execute(db);
    await sql`analyze growing`.execute(db);
    const look = () => sql`select * from growing where id = any(${['0', '1']}::text[])`.execute(db);
    const scanned = async (): Promise<unknown> => {
      // counts are told at the end of a transaction, at most once a second unless asked for
      await sql`select pg_stat_force_next_flush()`.execute(db);
      return await readValue(database, "pg_stat_get_tuples_returned('growing'::regclass)");
    };
    for (let n = 0; n < 20; n += 1) await look();
    await sql`insert into growing select n::text from generate_series(1, 10000) as n`.execute(db);
    for (let n = 0; n < 20; n += 1) await look();
    const before = await scanned();
    expect(before).toBeGreaterThan(0);
    for (let n = 0; n < 20; n += 1) await look();
    expect(await scanned()).toBe(before);
  });

  it('are replaced when a plan is of no more use', async () => {
    const database = connect({ maxConnections: 1 });
    const look = () => sql`select * from changing where id = ${1}`.execute(database.db);
    await sql`create table changing (id integer)`.execute(database.db);
    await look();
    await sql`alter table changing add column late text`.execute(database.db);
    const stale: unknown = await look().catch((error: unknown) => error);
    expect(stale).toMatchObject({ code: 'TRANSIENT', cause: { code: '0A000' } });
    await expect(look()).resolves.toMatchObject({ rows: [] });
    await sql`deallocate all`.execute(database.db);
    const lost: unknown = await look().catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: 'TRANSIENT', cause: { code: '26000' } });
    await expect(look()).resolves.toMatchObject({ rows: [] });
  });

  it('fail once for a plan of no more use, however many have it', async () => {
    const database = connect({ maxConnections: 3 });
    const look = () => sql`select * from shared_change where id = ${1}`.execute(database.db);
    await sql`create table shared_change (id integer)`.execute(database.db);
    // one on each connection
    await Promise.all([look(), look(), look()]);
    await sql`alter table shared_change add column late text`.execute(database.db);
    await expect(look()).rejects.toMatchObject({ code: 'TRANSIENT' });
    await Promise.all([look(), look(), look()]);
  });

  it('take the statements of a pipelined transaction before the first is answered', async () => {
    const database = connect();
    const sent = vi.spyOn(pg.Query.prototype, 'submit');
    const sentBefore: number[] = [];
    try {
      await database.db.transaction().execute(async (tx) => {
        const direct = await pipelined(tx);
        sent.mockClear();
        const statements = [1, 2, 3].map((n) => sql`select ${n}::integer`.execute(direct));
        await Promise.all(statements.map((one) => one.then(() => sentBefore.push(sent.mock.calls.length))));
      });
    } finally {
      sent.mockRestore();
    }
    expect(sentBefore).toEqual([3, 3, 3]);
  });

  it('fail the statements of a transaction that were sent behind one that fails', async () => {
    const database = connect();
    await sql`create table written (id integer primary key)`.execute(database.db);
    const write = async (...ids: number[]): Promise<PromiseSettledResult<unknown>[]> => {
      let outcomes: PromiseSettledResult<unknown>[] = [];
      const writing = database.db.transaction().execute(async (tx) => {
        const direct = await pipelined(tx);
        const writes = ids.map((id) => sql`insert into written values (${id})`.execute(direct));
        outcomes = await Promise.allSettled(writes);
        await Promise.all(writes);
      });
      await writing.catch(() => undefined);
      return outcomes;
    };
    expect((await write(1, 2, 3)).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await write(4, 1, 5)).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: '23505' } },
      { reason: { code: '25P02' } },
    ]);
    expect(await readValue(database, '(select array_agg(id order by id) from written)')).toEqual([1, 2, 3]);
  });

  it('may be lost inside a transaction: it fails, nothing else does', async () => {
    const told: unknown[] = [];
    const database = connect({ onError: (error) => told.push(error) });
    const terminated = Promise.withResolvers<void>();
    const failing = database.db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db);
      await terminated.promise;
      await sql`select 1`.execute(tx);
    });
    failing.catch(() => undefined);
    await eventually(() => expect(told).toContainEqual(expect.objectContaining({ code: '57P01' })));
    terminated.resolve();
    await expect(failing).rejects.toThrow('connection error');
    await database.check();
  });

  it('refuse a schema name that needs quotes', () => {
    expect(() => connect({ schema: 'a"; drop' })).toThrow(RangeError);
  });

  it('close twice, used or not', async () => {
    const used = connect();
    await used.check();
    await Promise.all([used.close(), used.close()]);
    await connect().close();
    await expect(used.check()).rejects.toThrow();
  });

  it('come back by themselves after the server was gone', async () => {
    const server = await startOwnPostgres();
    try {
      const database = connect({ url: server.url, schema: 'mine' });
      await database.migrate();
      await server.kill('SIGKILL');
      await expect(database.check()).rejects.toThrow();
      await server.restart();
      await expect.poll(() => database.check().then(() => 'up', String), { timeout: 10_000 }).toBe('up');
    } finally {
      await server.close();
    }
  });
});

describe('migrating', () => {
  const migrations = {
    '0001_things': {
      up: async (db: Database<unknown>['db']) => {
        await sql`create table things (id integer)`.execute(db);
        await sql`insert into things values (1)`.execute(db);
      },
    },
  };

  it('happens once, in whichever of several processes, in a schema that is not there yet', async () => {
    const four = Array.from({ length: 4 }, () => connect({ schema: 'race', migrations }));
    await Promise.all(four.map((database) => database.migrate()));
    const [database] = four;
    if (database === undefined) throw new Error('four, not none');
    expect(await readValue(database, '(select count(*) from things)')).toBe(1);
    await database.migrate();
    expect(await readValue(database, '(select count(*) from things)')).toBe(1);
  });

  it('touches nothing outside of its schema', async () => {
    await connect({ schema: 'alone', migrations }).migrate();
    const database = connect();
    const elsewhere = `(select count(*) from pg_tables where tablename = 'things' and schemaname = 'public')`;
    expect(await readValue(database, elsewhere)).toBe(0);
    expect(await readValue(database, `(select count(*) from pg_tables where schemaname = 'public')`)).toBe(0);
  });

  it('is not disturbed by what others create and drop in the same database meanwhile', async () => {
    const other = new pg.Client({ connectionString: postgres.url });
    await other.connect();
    const schema = `other_${postgres.schema}`;
    const tables = Array.from({ length: 30 }, (_, i) => `create table ${schema}.t${i} (id serial);`).join('');
    let isOver = false;
    const disturb = async (): Promise<void> => {
      while (!isOver) {
        await other.query(`begin; create schema ${schema}; ${tables} commit`);
        await other.query(`drop schema ${schema} cascade`);
      }
    };
    const disturbing = disturb();
    try {
      for (let i = 0; i < 6; i += 1) await connect({ schema: `amid_${i}`, migrations }).migrate();
    } finally {
      isOver = true;
      await disturbing;
      await other.end();
    }
  });

  it('needs no right but to the schema, when an operator has made it', async () => {
    const admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    const role = `least_${postgres.schema}`;
    try {
      await admin.query(`create role ${role} login password 'secret'`);
      await admin.query(`create schema given authorization ${role}`);
      const url = new URL(postgres.url);
      url.username = role;
      url.password = 'secret';
      const database = connect({ url: url.href, schema: 'given', migrations });
      await database.migrate();
      expect(await readValue(database, '(select count(*) from things)')).toBe(1);
      await expect(connect({ url: url.href, schema: 'another', migrations }).migrate()).rejects.toMatchObject(
        {
          code: '42501',
        },
      );
    } finally {
      await admin.query(`drop owned by ${role} cascade`);
      await admin.query(`drop role ${role}`);
      await admin.end();
    }
  });

  it('leaves nothing of a set whose last migration fails, and says why', async () => {
    const broken = { ...migrations, '0002_broken': { up: () => Promise.reject(new Error('on purpose')) } };
    const database = connect({ schema: 'broken', migrations: broken });
    await expect(database.migrate()).rejects.toThrow('on purpose');
    expect(await readValue(database, `to_regclass('things')::text`)).toBeNull();
  });
});
