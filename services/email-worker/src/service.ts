import { createEventConsumer } from '@headrace/consumer';
import { createDatabase, recognizeLog } from '@headrace/postgres';
import type { Background, ServiceDefinition } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { createOrderMailHandler } from './handlers/send-order-mail.ts';
import { createMailCounter } from './metrics/mail-metrics.ts';
import { createEmailRecords } from './records/email-records.ts';
import type { EmailDatabase, EmailTables } from './records/emails-table.ts';
import { migrations } from './records/migrations.ts';
import { createMailer, type Mailer } from './smtp/mailer.ts';
import { domainOf } from './smtp/sender.ts';

/** Sends mails about orders, and keeps a record of each. */
export const emailWorker: ServiceDefinition<Config, EmailDatabase> = {
  ...SERVICE,
  config: loadConfig,
  registry: () => shopRegistry,
  database: {
    create: ({ DATABASE_URL: url, DATABASE_SCHEMA: schema }, onError) =>
      createDatabase<EmailTables>({ url, schema, migrations, onError }),
    recognizeLog,
  },
  build: async ({ store, database, http, config, logger, consumerOptions }) => {
    const mailer = createMailer({
      url: config.SMTP_URL,
      sender: config.MAIL_FROM,
      maxConnections: config.SMTP_CONNECTIONS,
      timeoutMs: config.SMTP_TIMEOUT_MS,
    });
    const records = createEmailRecords(database);
    const counter = createMailCounter();
    const domain = domainOf(config.MAIL_FROM.address);
    const consumer = createEventConsumer({
      ...consumerOptions('sending mails'),
      group: 'email',
      handler: createOrderMailHandler({ records, mailer, domain, counter, logger }),
    });
    // who asks for mails does not need the mail server
    const workChecks = { smtp: () => mailer.check() };
    const consumers = [consumer.admin];
    const app = await buildApp({ store, database, consumers, records, counter, workChecks, ...http });
    return { app, background: [withMailer(consumer, mailer, config.SHUTDOWN_TIMEOUT_MS / 4)] };
  },
};

/** A mail that the server does not answer for in time is given up: it stays `sending`, for the next owner. */
function withMailer(consumer: Background, mailer: Mailer, mailTimeMs: number): Background {
  return {
    start: () => consumer.start(),
    stop: async () => {
      const giveUp = setTimeout(() => mailer.close(), mailTimeMs);
      try {
        await consumer.stop();
      } finally {
        clearTimeout(giveUp);
        mailer.close();
      }
    },
  };
}
