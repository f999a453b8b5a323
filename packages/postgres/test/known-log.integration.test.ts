import { usePostgres } from '@headrace/test-kit';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type Database, recognizeLog } from '../src/index.ts';

const postgres = usePostgres({ isolation: 'database' });
let database: Database<unknown>;

const added: Readonly<Record<string, { up: () => Promise<void> }>> = {
  '0001_first': { up: async () => undefined },
};

function connect(schema: string, migrations = added): Database<unknown> {
  database = createDatabase<unknown>({ url: postgres.url, schema, migrations });
  return database;
}

beforeEach(async () => {
  await connect(`known_${Math.random().toString(36).slice(2, 10)}`).migrate();
});
afterEach(() => database.close());

/** A log of which `successorOf` says what stands in the place of one that is known. */
function logOf(id: string, successorOf: (known: string) => string, name = 'headrace:meta') {
  const asked: unknown[] = [];
  return {
    asked,
    keys: { meta: name } as never,
    logId: () => id,
    requireKnownLog: async (known: { readonly id: string; readonly since: string }) => {
      asked.push(known);
      return successorOf(known.id);
    },
  };
}

function refuse(): never {
  throw Object.assign(new Error('another log'), { code: 'LOG_CHANGED' });
}

describe('the log that a schema was made of', () => {
  it('is remembered the first time, by its name, and asked for when another one is open', async () => {
    await recognizeLog(database, logOf('one', refuse));
    await recognizeLog(database, logOf('one', refuse));
    await recognizeLog(database, logOf('two', refuse, 'other:meta'));
    const another = logOf('three', refuse);
    await expect(recognizeLog(database, another)).rejects.toMatchObject({ code: 'LOG_CHANGED' });
    expect(another.asked).toEqual([{ id: 'one', since: expect.stringMatching(/^\d{4}-/) }]);
    await recognizeLog(database, logOf('one', refuse));
  });

  it('is replaced by the one that stands in its place', async () => {
    await recognizeLog(database, logOf('one', refuse));
    await recognizeLog(
      database,
      logOf('two', () => 'two'),
    );
    await recognizeLog(database, logOf('two', refuse));
  });
});

describe('migrations of a newer release', () => {
  it.each(['migrations', 'headrace_migrations'])(
    'in %s do not keep this one from starting',
    async (table) => {
      await sql`
        insert into ${sql.table(`${database.schema}.${table}`)} (name, timestamp)
        values ('9999_of_a_newer_release', now()::text)`.execute(database.db);
      await database.migrate();
      const { rows } = await sql<{ name: string }>`
        select name from ${sql.table(`${database.schema}.${table}`)} where name like '9999%'`.execute(
        database.db,
      );
      expect(rows).toHaveLength(1);
    },
  );

  it('that sort before one of this release do not either', async () => {
    await sql`
      insert into migrations (name, timestamp) values ('0000_between', now()::text)`.execute(database.db);
    const { schema } = database;
    await database.close();
    await connect(schema, { ...added, '0002_second': { up: async () => undefined } }).migrate();
    const { rows } = await sql<{ name: string }>`select name from migrations order by name`.execute(
      database.db,
    );
    expect(rows.map(({ name }) => name)).toEqual(['0000_between', '0001_first', '0002_second']);
  });
});
