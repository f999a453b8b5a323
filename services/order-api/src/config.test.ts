import { settingsPageProblems } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { loadConfig, schema } from './config.ts';

it('listens on port 3000 unless told otherwise', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({ PORT: 3000, REDIS_URL: 'redis://127.0.0.1:6379', LOG_PARTITIONS: 8 });
  expect(Object.isFrozen(config)).toBe(true);
});

it('has its settings in docs/settings.md, with their defaults', () => {
  expect(settingsPageProblems('order-api', schema.shape)).toEqual([]);
});
