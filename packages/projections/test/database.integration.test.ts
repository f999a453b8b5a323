import { eventually, startOwnPostgres, usePostgres } from '@headrace/test-kit';
import { sql } from 'kysely';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
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
