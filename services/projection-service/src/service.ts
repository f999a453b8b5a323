import { type Database, recognizeLog } from '@headrace/postgres';
import type { ServiceDefinition } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { createReadModelRunner, createReadModels, prepareReadModels } from './consumers.ts';

/** Keeps the read models in PostgreSQL, and answers queries about them. */
export const projectionService: ServiceDefinition<Config, Database<unknown>> = {
  ...SERVICE,
  config: loadConfig,
  registry: () => shopRegistry,
  database: {
    create: ({ DATABASE_URL: url, DATABASE_SCHEMA: schema }, onError) =>
      createReadModels({ url, schema, onError }),
    prepare: prepareReadModels,
    recognizeLog,
  },
  build: async ({ store, database, http, consumerOptions }) => {
    const runner = createReadModelRunner({ database, consumer: consumerOptions('projecting') });
    const app = await buildApp({ store, database, runner, ...http });
    return { app, background: [runner] };
  },
};
