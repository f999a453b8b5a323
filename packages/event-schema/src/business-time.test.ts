import { expect, it } from 'vitest';
import { isBusinessTime } from './business-time.ts';

it.each([
  '0001-01-01T00:00:00Z',
  '0001-01-01T02:00:00+01:00',
  '2026-01-15T14:00:00Z',
  '9998-12-31T23:59:59.999Z',
])('%s is a time of business', (text) => {
  expect(isBusinessTime(text)).toBe(true);
});

it.each([
  '0000-06-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '9999-01-01T00:00:00Z',
  '9998-12-31T23:59:59-14:00',
  '-000001-01-01T00:00:00Z',
  '+010000-01-01T00:00:00Z',
  'yesterday',
])('%s is none', (text) => {
  expect(isBusinessTime(text)).toBe(false);
});
