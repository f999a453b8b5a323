import { expect, it } from 'vitest';
import { loadConfig } from './config.ts';

it('listens on port 3001 and takes any event type unless told otherwise', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({ PORT: 3001, LOG_PARTITIONS: 8, UNREGISTERED_TYPES: 'accept' });
  expect(Object.isFrozen(config)).toBe(true);
});

it('names a setting that it does not understand', () => {
  expect(() => loadConfig({ UNREGISTERED_TYPES: 'perhaps' })).toThrow(/UNREGISTERED_TYPES/);
});
