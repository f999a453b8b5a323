import { configOrExit, createLogger, runService, startTracing } from '@headrace/service-kit';
import { SERVICE } from './app.ts';
import { loadConfig } from './config.ts';
import { createWorker } from './worker.ts';

const config = configOrExit(() => loadConfig(process.env));
const logger = createLogger({
  service: SERVICE.name,
  instance: config.INSTANCE_ID,
  level: config.LOG_LEVEL,
});
const tracing = await startTracing(config, { ...SERVICE, logger });
const worker = await createWorker(config, logger);

await runService({
  name: SERVICE.name,
  app: worker.app,
  tracing,
  host: config.HOST,
  port: config.PORT,
  logger,
  start: worker.start,
  stop: worker.stop,
  shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS,
});
