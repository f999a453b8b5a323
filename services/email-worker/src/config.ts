import {
  consumerSettings,
  databaseSettings,
  defaultInstanceId,
  type Environment,
  httpSettings,
  loadConfig as load,
  storeSettings,
  tracingSettings,
  urlOf,
  wholeNumber,
} from '@headrace/service-kit';
import { z } from 'zod';
import { senderSetting } from './smtp/sender.ts';

const schema = z.object({
  ...httpSettings({ port: 3003, instanceId: defaultInstanceId() }),
  ...storeSettings(),
  ...tracingSettings(),
  ...databaseSettings(),
  ...consumerSettings(),
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be 1 to 63 small letters, digits and _')
    .default('email')
    .describe('PostgreSQL schema of the mail records; default email'),
  SMTP_URL: urlOf('smtp', 'smtps').describe(
    'smtp://[user:password@]host:port, or smtps:// for TLS; required',
  ),
  MAIL_FROM: senderSetting()
    .prefault('Headrace <orders@headrace.example>')
    .describe(
      'who mails come from: an address, or a name and <an address>; default Headrace <orders@headrace.example>',
    ),
  SMTP_CONNECTIONS: wholeNumber(1, 100)
    .default(5)
    .describe('connections to the mail server at most, for this instance; default 5'),
  SMTP_TIMEOUT_MS: wholeNumber(1000, 600_000)
    .default(30_000)
    .describe(
      'longest silence of the mail server before a connection is given up, in milliseconds; default 30000',
    ),
});

/** Settings of the email worker; each variable's meaning and default stands beside its schema. */
export type Config = ReturnType<typeof loadConfig>;

/** @throws ConfigError with every problem at once */
export function loadConfig(env: Environment) {
  return load(schema, env);
}
