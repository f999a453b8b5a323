import { ConfigError } from '@headrace/service-kit';
import { settingsPageProblems } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { loadConfig, schema } from './config.ts';

const DATABASE_URL = 'postgres://app@db:5432/orders';

describe('the settings', () => {
  it('have no payment deadline unless one is set', () => {
    expect(loadConfig({ DATABASE_URL }).PAYMENT_DEADLINE).toBeUndefined();
    expect(loadConfig({ DATABASE_URL, PAYMENT_DEADLINE: 'off' }).PAYMENT_DEADLINE).toBeUndefined();
    expect(loadConfig({ DATABASE_URL, PAYMENT_DEADLINE: '' }).PAYMENT_DEADLINE).toBeUndefined();
  });

  it('take the deadline in minutes or as a duration', () => {
    expect(loadConfig({ DATABASE_URL, PAYMENT_DEADLINE: '30' }).PAYMENT_DEADLINE).toBe(1_800_000);
    expect(loadConfig({ DATABASE_URL, PAYMENT_DEADLINE: 'P3D' }).PAYMENT_DEADLINE).toBe(259_200_000);
  });

  it('refuse a deadline that is none', () => {
    expect(() => loadConfig({ DATABASE_URL, PAYMENT_DEADLINE: '1 hour' })).toThrow(ConfigError);
    expect(() => loadConfig({ DATABASE_URL, PAYMENT_DEADLINE: '0' })).toThrow(/PAYMENT_DEADLINE/);
  });
});

it('has its settings in docs/settings.md, with their defaults', () => {
  expect(settingsPageProblems('billing-worker', schema.shape)).toEqual([]);
});
