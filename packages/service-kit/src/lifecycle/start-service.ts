import type { Environment } from '../config/environment.ts';
import type { ServiceConfig } from '../config/settings.ts';
import { createLogger } from '../logging/create-logger.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import { configOrExit } from './config-or-exit.ts';
import { runService } from './run-service.ts';
import { createService, type ServiceDatabase, type ServiceDefinition } from './service.ts';

/** All of a service's `main.ts`: settings, logger, traces, the service itself, and its process until it ends. */
export async function startService<
  Config extends ServiceConfig,
  Database extends ServiceDatabase | undefined = undefined,
>(definition: ServiceDefinition<Config, Database>, env: Environment): Promise<void> {
  const { name, version } = definition;
  const config = configOrExit(() => definition.config(env));
  const logger = createLogger({ service: name, instance: config.INSTANCE_ID, level: config.LOG_LEVEL });
  // before anything else is made: stores, databases, consumers and the HTTP app look once whether there is tracing
  const tracing = await startTracing(config, { name, version, logger });
  const { app, start, stop } = await createService(definition, config, logger);
  const { HOST: host, PORT: port, SHUTDOWN_TIMEOUT_MS: shutdownTimeoutMs } = config;
  await runService({ name, app, tracing, host, port, logger, shutdownTimeoutMs, start, stop });
}
