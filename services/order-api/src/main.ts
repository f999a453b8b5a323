import { randomUUID } from 'node:crypto';
import { createDecidedCommandConsumers } from '@headrace/consumer';
import { createEventStore } from '@headrace/event-store';
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
import { orderCommands } from './commands/order-commands.ts';
import { loadOrderApiConfig } from './config.ts';

const config = configOrExit(() => loadOrderApiConfig(process.env));
const logger = createLogger({ service: SERVICE.name, instance: config.INSTANCE_ID, level: config.LOG_LEVEL });
const tracing = await startTracing(config, { ...SERVICE, logger });
const store = createEventStore({
  ...storeOptionsOf(config),
  registry: shopRegistry,
  onBackgroundError: createFailureLog(logger, 'the event store failed in the background'),
});
const consumers = createDecidedCommandConsumers({
  store,
  commands: orderCommands,
  instance: config.INSTANCE_ID,
  leaseMs: config.LEASE_MS,
  onError: createFailureLog(logger, 'executing durable commands met a failure'),
  onParked: createParkedLog(logger),
});
const app = await buildApp({
  store,
  newOrderId: randomUUID,
  consumers: consumers.map(({ admin }) => admin),
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
    await untilAvailable('Redis', () => store.open(), { signal, logger });
    for (const consumer of consumers) consumer.start();
  },
  stop: async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await store.close();
  },
});
