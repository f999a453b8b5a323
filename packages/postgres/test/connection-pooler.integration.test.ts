import { type Pooler, pgBouncer, usePostgres } from '@headrace/test-kit';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../src/index.ts';

const SCHEMA = 'behind_a_pooler';
const postgres = usePostgres({ isolation: 'database' });
const startPooler = await pgBouncer();
let direct: pg.Client;
let pooler: Pooler | undefined;
beforeAll(async () => {
  direct = new pg.Client({ connectionString: postgres.url });
  await direct.connect();
});
afterAll(() => direct.end());
afterEach(async () => {
  await pooler?.stop();
});

/** As guides on the web advise where a client is refused. */
const ALL = [
  'options',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'extra_float_digits',
];

const MODES = ['session', 'transaction'] as const;
const SETTINGS = [
  { does: 'refuses what connections begin with', ignored: [], why: 'unsupported startup parameter' },
  { does: 'leaves out what connections begin with', ignored: ALL, why: 'search_path is' },
];
const THERE = [
  { there: 'nothing', isThere: false },
  { there: 'a schema from before', isThere: true },
];
const CASES = MODES.flatMap((mode) =>
  SETTINGS.flatMap((settings) => THERE.map((there) => ({ mode, ...settings, ...there }))),
);

function databaseAt(url: string) {
  return createDatabase<unknown>({ url, schema: SCHEMA, migrations: {} });
}

/** Relations of the schema and of `public`; asked of the server itself. */
async function relations(): Promise<readonly unknown[]> {
  const { rows } = await direct.query(
    `select nspname as schema, relname as relation
     from pg_namespace left join pg_class on relnamespace = pg_namespace.oid
     where nspname in ($1, 'public') order by 1, 2`,
    [SCHEMA],
  );
  return rows;
}

describe.runIf(startPooler !== undefined)('a connection pooler in front of PostgreSQL', () => {
  it.each(CASES)(
    'that $does is refused with what to do about it, and nothing is made: in mode $mode, where $there is there',
    async ({ mode, ignored, why, isThere }) => {
      await direct.query(`drop schema if exists ${SCHEMA} cascade`);
      if (isThere) {
        const database = databaseAt(postgres.url);
        await database.migrate().finally(database.close);
      }
      const before = await relations();
      pooler = await startPooler?.(postgres.url, { ignored, mode });
      const database = databaseAt(pooler?.url ?? '');
      try {
        const failure = await database.migrate().catch((error: unknown) => error);
        expect(await relations()).toEqual(before);
        expect(failure).toMatchObject({ code: 'CONNECTION_POOLER' });
        expect(String(failure)).toContain(why);
        expect(String(failure)).toContain('DATABASE_URL');
      } finally {
        await database.close();
      }
    },
  );
});
