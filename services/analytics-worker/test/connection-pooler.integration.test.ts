import { pgBouncer, usePostgres, useRedis } from '@headrace/test-kit';
import { afterEach, expect, it } from 'vitest';
import { killAll, startService } from './service-process.ts';

const redis = useRedis();
const postgres = usePostgres();
const startPooler = await pgBouncer();

afterEach(killAll);

it.runIf(startPooler !== undefined)(
  'behind a connection pooler it ends, and says what to do about it',
  async () => {
    const pooler = await startPooler?.(postgres.url);
    try {
      const service = await startService({
        ...{ REDIS_URL: redis.url, KEY_PREFIX: redis.prefix },
        ...{ DATABASE_URL: pooler?.url ?? '', DATABASE_SCHEMA: postgres.schema },
      });
      expect(await service.ended).toEqual([1, null]);
      expect(service.output()).toContain('connection pooler such as PgBouncer');
      expect(service.output()).toContain('Let DATABASE_URL name the server itself');
    } finally {
      await pooler?.stop();
    }
  },
);
