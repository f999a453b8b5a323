import { ConfigError } from '@headrace/service-kit';
import { describe, expect, it } from 'vitest';
import { billingConfig } from './config.ts';

const DATABASE_URL = 'postgres://app@db:5432/orders';

describe('the settings', () => {
  it('have no payment deadline unless one is set', () => {
    expect(billingConfig({ DATABASE_URL }, 'i').PAYMENT_DEADLINE).toBeUndefined();
    expect(billingConfig({ DATABASE_URL, PAYMENT_DEADLINE: 'off' }, 'i').PAYMENT_DEADLINE).toBeUndefined();
    expect(billingConfig({ DATABASE_URL, PAYMENT_DEADLINE: '' }, 'i').PAYMENT_DEADLINE).toBeUndefined();
  });

  it('take the deadline in minutes or as a duration', () => {
    expect(billingConfig({ DATABASE_URL, PAYMENT_DEADLINE: '30' }, 'i').PAYMENT_DEADLINE).toBe(1_800_000);
    expect(billingConfig({ DATABASE_URL, PAYMENT_DEADLINE: 'P3D' }, 'i').PAYMENT_DEADLINE).toBe(259_200_000);
  });

  it('refuse a deadline that is none', () => {
    expect(() => billingConfig({ DATABASE_URL, PAYMENT_DEADLINE: '1 hour' }, 'i')).toThrow(ConfigError);
    expect(() => billingConfig({ DATABASE_URL, PAYMENT_DEADLINE: '0' }, 'i')).toThrow(/PAYMENT_DEADLINE/);
  });
});
