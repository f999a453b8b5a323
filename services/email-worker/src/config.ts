import {
  databaseSettings,
  type Environment,
  loadConfig as load,
  schemaSetting,
  serviceSettings,
  urlOf,
  wholeNumber,
} from '@headrace/service-kit';
import { z } from 'zod';
import { senderSetting } from './smtp/sender.ts';

/** What this service reads from the environment, by variable. */
export const schema = z.object({
  ...serviceSettings(3003),
  ...databaseSettings(),
  ...schemaSetting('email', 'of the mail records'),
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

export type Config = z.output<typeof schema>;

/** The settings of this service, frozen. @throws ConfigError naming every wrong setting */
export const loadConfig = (env: Environment) => load(schema, env);
