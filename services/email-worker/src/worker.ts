import { type Consumer, createEventConsumer } from '@headrace/consumer';
import { createEventStore, type EventStore } from '@headrace/event-store';
import { createDatabase, recognizeLog } from '@headrace/projections';
import {
  createFailureLog,
  createParkedLog,
  type HttpApp,
  httpLimitsOf,
  type Logger,
  storeOptionsOf,
  untilAvailable,
} from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp } from './app.ts';
import type { Config } from './config.ts';
import { createOrderMailHandler } from './handlers/send-order-mail.ts';
import { createMailCounter } from './metrics/mail-metrics.ts';
import { createEmailRecords } from './records/email-records.ts';
import type { EmailDatabase, EmailTables } from './records/emails-table.ts';
import { migrations } from './records/migrations.ts';
import { createMailer, type Mailer } from './smtp/mailer.ts';
import { domainOf } from './smtp/sender.ts';

export interface Worker {
  readonly app: HttpApp;
  /** Waits for Redis and PostgreSQL, then consumes. Mails wait for the mail server by themselves. */
  start(signal: AbortSignal): Promise<void>;
  /** Lets mails that are being sent finish, within a part of the shutdown time, and closes everything. */
  stop(): Promise<void>;
}

/** Consumer group on the log. */
export const GROUP = 'email';

/** The whole worker but for its process: connects in the background, consumes nothing before `start`. */
export async function createWorker(config: Config, logger: Logger): Promise<Worker> {
  const store = storeOf(config, logger);
  const database = databaseOf(config, logger);
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
    store,
    group: GROUP,
    instance: config.INSTANCE_ID,
    leaseMs: config.LEASE_MS,
    onError: createFailureLog(logger, 'consumer group in trouble'),
    onParked: createParkedLog(logger),
    handler: createOrderMailHandler({ records, mailer, domain, counter, logger }),
  });
  const checks = { redis: () => store.check(), postgres: () => database.check() };
  // who asks for mails does not need the mail server
  const workChecks = { smtp: () => mailer.check() };
  const http = { ...httpLimitsOf(config), logger, checks, workChecks };
  const app = await buildApp({ http, store, admin: consumer.admin, records, counter });
  return {
    app,
    start: async (signal) => {
      await untilAvailable('Redis', () => store.open(), { signal, logger });
      await untilAvailable('PostgreSQL', () => database.migrate(), { signal, logger });
      await untilAvailable('the log', () => recognizeLog(database, store), { signal, logger });
      consumer.start();
    },
    stop: () => stop({ consumer, mailer, database, store }, config.SHUTDOWN_TIMEOUT_MS / 4),
  };
}

interface Parts {
  readonly consumer: Consumer;
  readonly mailer: Mailer;
  readonly database: EmailDatabase;
  readonly store: EventStore;
}

/** A mail that the server does not answer for in time is given up: it stays `sending`, for the next owner. */
async function stop({ consumer, mailer, database, store }: Parts, mailTimeMs: number): Promise<void> {
  const giveUp = setTimeout(() => mailer.close(), mailTimeMs);
  try {
    await consumer.stop();
  } finally {
    clearTimeout(giveUp);
    mailer.close();
    await database.close();
    await store.close();
  }
}

function storeOf(config: Config, logger: Logger): EventStore {
  return createEventStore({
    ...storeOptionsOf(config),
    registry: shopRegistry,
    onBackgroundError: createFailureLog(logger, 'event store in trouble'),
  });
}

function databaseOf(config: Config, logger: Logger): EmailDatabase {
  return createDatabase<EmailTables>({
    url: config.DATABASE_URL,
    schema: config.DATABASE_SCHEMA,
    migrations,
    onError: createFailureLog(logger, 'PostgreSQL in trouble'),
  });
}
