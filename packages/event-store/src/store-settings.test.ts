import { createRegistry } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import { completeSettings } from './store-settings.ts';

describe('settings', () => {
  const given = { redisUrl: 'redis://127.0.0.1', registry: createRegistry([]) };

  it('have safe defaults', () => {
    expect(completeSettings(given)).toMatchObject({ partitions: 8, durability: 'fsync', prefix: 'headrace' });
  });

  it.each([
    { partitions: 0 },
    { partitions: 1_025 },
    { partitions: 1.5 },
    { prefix: '' },
    { prefix: 'a{b}' },
    { replicas: 0 },
    { idempotencyTtlS: 0 },
    { idempotencyTtlS: 0.5 },
    { confirmTimeoutMs: 5_000, commandTimeoutMs: 5_000 },
  ])('refuse %j', (wrong) => {
    expect(() => completeSettings({ ...given, ...wrong })).toThrow(RangeError);
  });
});
