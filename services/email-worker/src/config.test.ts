import { ConfigError } from '@headrace/service-kit';
import { settingsPageProblems } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { loadConfig, schema } from './config.ts';

const required = { DATABASE_URL: 'postgres://127.0.0.1/x', SMTP_URL: 'smtp://127.0.0.1:1025' };

describe('loadConfig', () => {
  it('has a default for everything but the database and the mail server', () => {
    expect(loadConfig(required)).toMatchObject({
      PORT: 3003,
      DATABASE_SCHEMA: 'email',
      MAIL_FROM: { name: 'Headrace', address: 'orders@headrace.example' },
      SMTP_CONNECTIONS: 5,
      SMTP_TIMEOUT_MS: 30_000,
    });
  });

  it('names what is missing or wrong, without its value', () => {
    const wrong = { DATABASE_URL: required.DATABASE_URL, MAIL_FROM: 'me' };
    expect(() => loadConfig(wrong)).toThrow(ConfigError);
    expect(() => loadConfig(wrong)).toThrow(
      /MAIL_FROM: must be an address[\s\S]*SMTP_URL: is not set|SMTP_URL: is not set[\s\S]*MAIL_FROM/,
    );
  });
});

it('has its settings in docs/settings.md, with their defaults', () => {
  expect(settingsPageProblems('email-worker', schema.shape)).toEqual([]);
});
