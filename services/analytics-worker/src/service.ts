import { type Database, recognizeLog } from '@headrace/postgres';
import type { ServiceDefinition } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { createAnalyticsConsumer, createAnalyticsDatabase } from './consumer.ts';
import type { AnalyticsTables } from './tables/tables.ts';

/** Counts the log into PostgreSQL, and answers questions about the numbers. */
export const analyticsWorker: ServiceDefinition<Config, Database<AnalyticsTables>> = {
  ...SERVICE,
  config: loadConfig,
  registry: () => shopRegistry,
  database: {
    create: ({ DATABASE_URL: url, DATABASE_SCHEMA: schema }, onError) =>
      createAnalyticsDatabase({ url, schema, onError }),
    recognizeLog,
  },
  build: async ({ store, database, http, consumerOptions }) => {
    const consumer = createAnalyticsConsumer(database, consumerOptions('counting events'));
    const app = await buildApp({ store, database, consumers: [consumer.admin], now: Date.now, ...http });
    return { app, background: [consumer] };
  },
};
