import { configOrExit, createLogger, runService } from '@headrace/service-kit';
import { loadConfig } from './config.ts';
import { createWorker } from './worker.ts';

const config = configOrExit(() => loadConfig(process.env));
const logger = createLogger({
  service: 'email-worker',
  instance: config.INSTANCE_ID,
  level: config.LOG_LEVEL,
});
const worker = await createWorker(config, logger);

await runService({
  name: 'email-worker',
  app: worker.app,
  host: config.HOST,
  port: config.PORT,
  logger,
  start: worker.start,
  stop: worker.stop,
  shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS,
});
