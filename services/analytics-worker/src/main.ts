import { createEventStore } from '@headrace/event-store';
import { recognizeLog } from '@headrace/projections';
import {
  configOrExit,
  createFailureLog,
  createLogger,
  createParkedLog,
  httpLimitsOf,
  runService,
  startTracing,
  storeOptionsOf,
  untilAvailable,
} from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { loadConfig } from './config.ts';
import { createAnalyticsConsumer, createAnalyticsDatabase } from './consumer.ts';

const config = configOrExit(() => loadConfig(process.env));
const logger = createLogger({ service: SERVICE.name, instance: config.INSTANCE_ID, level: config.LOG_LEVEL });
const tracing = await startTracing(config, { ...SERVICE, logger });
const store = createEventStore({
  ...storeOptionsOf(config),
  registry: shopRegistry,
  onBackgroundError: createFailureLog(logger, 'the event store failed in the background'),
});
const database = createAnalyticsDatabase({
  url: config.DATABASE_URL,
  schema: config.DATABASE_SCHEMA,
  onError: createFailureLog(logger, 'a connection to PostgreSQL was lost'),
});
const consumer = createAnalyticsConsumer(database, {
  store,
  instance: config.INSTANCE_ID,
  leaseMs: config.LEASE_MS,
  onError: createFailureLog(logger, 'counting events met a failure'),
  onParked: createParkedLog(logger),
});
const app = await buildApp({
  store,
  database,
  consumers: [consumer.admin],
  now: Date.now,
  logger,
  ...httpLimitsOf(config),
});

await runService({
  name: SERVICE.name,
  app,
  tracing,
  host: config.HOST,
  port: config.PORT,
  logger,
  shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS,
  start: async (signal) => {
    // the tables first: questions can be answered without Redis
    await untilAvailable('PostgreSQL', () => database.migrate(), { signal, logger });
    await untilAvailable('Redis', () => store.open(), { signal, logger });
    await untilAvailable('the log', () => recognizeLog(database, store), { signal, logger });
    consumer.start();
  },
  stop: async () => {
    await consumer.stop();
    await database.close();
    await store.close();
  },
});
