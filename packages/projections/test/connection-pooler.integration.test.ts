import { type Pooler, pgBouncer, usePostgres } from '@headrace/test-kit';
import { afterEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../src/index.ts';

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

describe.runIf(startPooler !== undefined)('a connection pooler in front of PostgreSQL', () => {
  it.each([
    ['refuses what connections begin with', [], 'unsupported startup parameter'],
    ['leaves out what connections begin with', ALL, 'search_path is'],
  ])('that %s is refused, with what to do about it', async (_, ignored, why) => {
    pooler = await startPooler?.(postgres.url, { ignored });
    const url = pooler?.url ?? '';
    const database = createDatabase<unknown>({ url, schema: 'behind_a_pooler', migrations: {} });
    try {
      const failure = await database.migrate().catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'CONNECTION_POOLER' });
      expect(String(failure)).toContain(why);
      expect(String(failure)).toContain('DATABASE_URL');
    } finally {
      await database.close();
    }
  });
});
