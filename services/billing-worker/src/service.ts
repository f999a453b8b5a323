import { recognizeLog } from '@headrace/postgres';
import type { ServiceDefinition } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { createBillingWorker } from './billing-worker.ts';
import { type Config, loadConfig } from './config.ts';
import { type BillingDatabase, createBillingDatabase } from './database/billing-database.ts';

/** Bills orders in PostgreSQL, and sends the commands that follow from that. */
export const billingWorker: ServiceDefinition<Config, BillingDatabase> = {
  ...SERVICE,
  config: loadConfig,
  registry: () => shopRegistry,
  database: {
    create: ({ DATABASE_URL: url }, onError) => createBillingDatabase({ url, onError }),
    recognizeLog,
  },
  build: async ({ store, database, http, config, logger, consumerOptions }) => {
    const { PAYMENT_DEADLINE: afterMs } = config;
    const worker = createBillingWorker({
      ...consumerOptions('billing orders'),
      database,
      deadline: afterMs === undefined ? {} : { afterMs },
      now: () => new Date(),
      onError: (doing, error) => logger.warn({ err: error }, `${doing} failed; it is tried again`),
    });
    const app = await buildApp({ store, database, consumers: [worker.admin], ...http });
    return { app, background: [worker] };
  },
};
