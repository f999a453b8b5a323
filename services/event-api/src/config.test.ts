import { settingsPageProblems } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { loadConfig, schema } from './config.ts';

it('listens on port 3001 and takes any event type unless told otherwise', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({ PORT: 3001, LOG_PARTITIONS: 8, UNREGISTERED_TYPES: 'accept' });
  expect(Object.isFrozen(config)).toBe(true);
});

it('names a setting that it does not understand', () => {
  expect(() => loadConfig({ UNREGISTERED_TYPES: 'perhaps' })).toThrow(/UNREGISTERED_TYPES/);
});

it('has its settings in docs/settings.md, with their defaults', () => {
  expect(settingsPageProblems('event-api', schema.shape)).toEqual([]);
});
