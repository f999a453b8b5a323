import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usePostgres, useRedis } from '../src/index.ts';

describe('useRedis', () => {
  const redis = useRedis();
  const another = useRedis();
  const client = new Redis(redis.url, { protocol: 2, lazyConnect: true });
  beforeAll(() => client.connect());
  afterAll(() => client.disconnect());

  it('hands out a real server that never evicts and keeps an append-only file', async () => {
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'appendfsync')).toEqual(['appendfsync', 'always']);
  });

  it('gives every call its own prefix, without braces', async () => {
    expect(redis.prefix).not.toBe(another.prefix);
    expect(redis.prefix).toMatch(/^[a-z0-9-]+$/);
    await client.set(`${redis.prefix}:left-over`, 'deleted after this scope');
  });
});

describe('usePostgres', () => {
  for (const isolation of ['schema', 'database'] as const) {
    describe(`with its own ${isolation}`, () => {
      const postgres = usePostgres({ isolation });
      const client = new pg.Client({ connectionString: postgres.schemaUrl });
      beforeAll(() => client.connect());
      afterAll(() => client.end());

      it('writes into its own schema', async () => {
        await client.query('CREATE TABLE t (a int)');
        const found = await client.query("SELECT schemaname FROM pg_tables WHERE tablename = 't'");
        expect(found.rows).toContainEqual({ schemaname: postgres.schema });
      });
    });
  }
});
