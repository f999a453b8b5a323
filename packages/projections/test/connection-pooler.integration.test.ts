import { type Pooler, pgBouncer, usePostgres } from '@headrace/test-kit';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../src/index.ts';

const SCHEMA = 'behind_a_pooler';
const postgres = usePostgres({ isolation: 'database' });
const startPooler = await pgBouncer();
let pooler: Pooler | undefined;
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
const POOLERS = MODES.flatMap((mode) => SETTINGS.map((settings) => ({ mode, ...settings })));

/** Asked of the server itself. */
async function made(): Promise<readonly unknown[]> {
  const direct = new pg.Client({ connectionString: postgres.url });
  await direct.connect();
  try {
    const { rows } = await direct.query(
      `select nspname as schema, relname as relation
       from pg_namespace left join pg_class on relnamespace = pg_namespace.oid
       where nspname = $1 or (nspname = 'public' and relname is not null)`,
      [SCHEMA],
    );
    return rows;
  } finally {
    await direct.end();
  }
}

describe.runIf(startPooler !== undefined)('a connection pooler in front of PostgreSQL', () => {
  it.each(POOLERS)(
    'that $does, in mode $mode, is refused with what to do about it, and nothing is made',
    async ({ mode, ignored, why }) => {
      pooler = await startPooler?.(postgres.url, { ignored, mode });
      const url = pooler?.url ?? '';
      const database = createDatabase<unknown>({ url, schema: SCHEMA, migrations: {} });
      try {
        const failure = await database.migrate().catch((error: unknown) => error);
        expect(await made()).toEqual([]);
        expect(failure).toMatchObject({ code: 'CONNECTION_POOLER' });
        expect(String(failure)).toContain(why);
        expect(String(failure)).toContain('DATABASE_URL');
      } finally {
        await database.close();
      }
    },
  );
});
