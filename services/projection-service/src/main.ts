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
import { createReadModelRunner, createReadModels, prepareReadModels } from './consumers.ts';

const config = configOrExit(() => loadConfig(process.env));
const logger = createLogger({ service: SERVICE.name, instance: config.INSTANCE_ID, level: config.LOG_LEVEL });
const tracing = await startTracing(config, { ...SERVICE, logger });
const store = createEventStore({
  ...storeOptionsOf(config),
  registry: shopRegistry,
  onBackgroundError: createFailureLog(logger, 'the event store failed in the background'),
});
const database = createReadModels({
  url: config.DATABASE_URL,
  schema: config.DATABASE_SCHEMA,
  onError: createFailureLog(logger, 'a connection to PostgreSQL was lost'),
});
const runner = createReadModelRunner({
  database,
  consumer: {
    store,
    instance: config.INSTANCE_ID,
    leaseMs: config.LEASE_MS,
    onError: createFailureLog(logger, 'projecting met a failure'),
    onParked: createParkedLog(logger),
  },
});
const app = await buildApp({
  store,
  database,
  runner,
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
    // side by side, since each of them alone makes some queries possible
    await Promise.all([
      untilAvailable('PostgreSQL', () => prepareReadModels(database), { signal, logger }),
      untilAvailable('Redis', () => store.open(), { signal, logger }),
    ]);
    await untilAvailable('the log', () => recognizeLog(database, store), { signal, logger });
    runner.start();
  },
  stop: async () => {
    await runner.stop();
    await database.close();
    await store.close();
  },
});
