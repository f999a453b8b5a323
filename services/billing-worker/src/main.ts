import { createEventStore } from '@headrace/event-store';
import { recognizeLog } from '@headrace/projections';
import {
  configOrExit,
  createFailureLog,
  createLogger,
  createParkedLog,
  defaultInstanceId,
  httpLimitsOf,
  runService,
  startTracing,
  storeOptionsOf,
  untilAvailable,
} from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { createBillingWorker } from './billing-worker.ts';
import { billingConfig } from './config.ts';
import { createBillingDatabase } from './database/billing-database.ts';

const config = configOrExit(() => billingConfig(process.env, defaultInstanceId()));
const logger = createLogger({ service: SERVICE.name, instance: config.INSTANCE_ID, level: config.LOG_LEVEL });
const tracing = await startTracing(config, { ...SERVICE, logger });
const store = createEventStore({
  ...storeOptionsOf(config),
  registry: shopRegistry,
  onBackgroundError: createFailureLog(logger, 'the event store failed in the background'),
});
const database = createBillingDatabase({
  url: config.DATABASE_URL,
  onError: createFailureLog(logger, 'a connection to PostgreSQL was lost'),
});
const worker = createBillingWorker({
  store,
  database,
  instance: config.INSTANCE_ID,
  leaseMs: config.LEASE_MS,
  deadline: config.PAYMENT_DEADLINE === undefined ? {} : { afterMs: config.PAYMENT_DEADLINE },
  now: () => new Date(),
  onParked: createParkedLog(logger),
  onError: (doing, error) => logger.warn({ err: error }, `${doing} failed; it is tried again`),
});
const app = await buildApp({
  store,
  database,
  consumers: [worker.admin],
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
    // PostgreSQL first: the books can be read without Redis.
    await untilAvailable('PostgreSQL', () => database.migrate(), { signal, logger });
    await untilAvailable('Redis', () => store.open(), { signal, logger });
    await untilAvailable('the log', () => recognizeLog(database, store), { signal, logger });
    worker.start();
  },
  stop: async () => {
    await worker.stop();
    await database.close();
    await store.close();
  },
});
