import { settingsPageProblems } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { schema } from './config.ts';

it('has its settings in docs/settings.md, with their defaults', () => {
  expect(settingsPageProblems('analytics-worker', schema.shape)).toEqual([]);
});
