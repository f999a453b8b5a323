import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadConfig } from './load-config.ts';
import {
  consumerSettings,
  databaseSettings,
  flag,
  httpSettings,
  storeOptionsOf,
  storeSettings,
} from './settings.ts';

const schema = z.object({
  ...httpSettings({ port: 3000, instanceId: 'host-1-abc' }),
  ...storeSettings(),
  ...databaseSettings(),
  ...consumerSettings(),
  VERBOSE: flag().optional(),
});
const DATABASE_URL = 'postgres://app:hunter2@db:5432/orders';

function problemsOf(env: Record<string, string>): ConfigError {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('the settings were accepted');
}

describe('loadConfig', () => {
  it('gives defaults to what is not set, and treats empty variables as not set', () => {
    const config = loadConfig(schema, { DATABASE_URL, PORT: '', CORS_ORIGIN: '  ' });
    expect(config).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      LOG_PARTITIONS: 8,
      KEY_PREFIX: 'headrace',
      DURABILITY: 'fsync',
      LEASE_MS: 10_000,
      BODY_LIMIT_BYTES: 1_048_576,
      INSTANCE_ID: 'host-1-abc',
    });
    expect(config.CORS_ORIGIN).toBeUndefined();
    expect(config.RATE_LIMIT_PER_MINUTE).toBeUndefined();
  });

  it('converts what is set and freezes the result', () => {
    const config = loadConfig(schema, { DATABASE_URL, PORT: ' 8080 ', VERBOSE: 'Off', LOG_PARTITIONS: '1' });
    expect(config).toMatchObject({ PORT: 8080, VERBOSE: false, LOG_PARTITIONS: 1 });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('lists every problem with its variable, what is wrong and what is expected', () => {
    const error = problemsOf({
      PORT: '80a',
      LOG_PARTITIONS: '1025',
      KEY_PREFIX: 'a{b}',
      DURABILITY: 'often',
      ALLOWED_HOSTS: 'shop.example.com, https://shop.example.com',
    });
    expect(error.problems.map(({ variable, problem }) => `${variable} ${problem}`).sort()).toEqual([
      'ALLOWED_HOSTS must be host names without scheme and port, separated by commas, such as shop.example.com',
      'DATABASE_URL is not set',
      'DURABILITY must be memory, fsync or replicated',
      'KEY_PREFIX must be 1 to 64 letters, digits and . _ : -, without braces',
      'LOG_PARTITIONS must be a whole number from 1 to 1024',
      'PORT must be a whole number from 0 to 65535',
    ]);
    expect(error.message).toContain('PORT: must be a whole number from 0 to 65535 (expected: TCP port');
    expect(error.problems.every(({ expected }) => expected !== '')).toBe(true);
  });

  it.each(['1e3', '0x10', '8.5', '-1', '99999999999999999999'])('refuses %s as a port', (PORT) => {
    expect(problemsOf({ DATABASE_URL, PORT }).problems).toHaveLength(1);
  });

  it('never repeats a value, which may be a secret', () => {
    const error = problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db/x', REDIS_URL: 'hunter2' });
    expect(error.problems.map(({ variable }) => variable).sort()).toEqual(['DATABASE_URL', 'REDIS_URL']);
    expect(JSON.stringify(error.problems) + error.message).not.toContain('hunter2');
  });
});

describe('settings of the event store', () => {
  const storeSchema = z.object(storeSettings());

  it('are left to its own defaults where they are not set', () => {
    expect(storeOptionsOf(loadConfig(storeSchema, {}))).toEqual({
      redisUrl: 'redis://127.0.0.1:6379',
      prefix: 'headrace',
      partitions: 8,
      durability: 'fsync',
    });
  });

  it('can all be set', () => {
    const env = {
      REDIS_URL: 'redis://db:6380',
      KEY_PREFIX: 'shop',
      LOG_PARTITIONS: '4',
      DURABILITY: 'replicated',
      REPLICAS: '2',
      ASSUME_SERVER_SETTINGS: 'true',
      CONFIRM_TIMEOUT_MS: '3000',
      REDIS_TIMEOUT_MS: '8000',
      CONNECT_WAIT_MS: '1500',
      OUTCOME_TIMEOUT_MS: '9000',
      IDEMPOTENCY_TTL_S: '604800',
      SNAPSHOT_EVERY: '500',
    };
    expect(storeOptionsOf(loadConfig(storeSchema, env))).toEqual({
      redisUrl: 'redis://db:6380',
      prefix: 'shop',
      partitions: 4,
      durability: 'replicated',
      replicas: 2,
      assumeServerSettings: true,
      confirmTimeoutMs: 3_000,
      commandTimeoutMs: 8_000,
      connectWaitMs: 1_500,
      outcomeTimeoutMs: 9_000,
      idempotencyTtlS: 604_800,
      snapshotEvery: 500,
    });
    expect(Object.keys(env)).toEqual(expect.arrayContaining(Object.keys(storeSchema.shape)));
  });

  it('keep the promise that a key stands for one request for a day', () => {
    expect(() => loadConfig(storeSchema, { IDEMPOTENCY_TTL_S: '86399' })).toThrow(/IDEMPOTENCY_TTL_S/);
  });
});
