import { within } from '@headrace/event-store';
import type { Logger } from 'pino';
import type { HttpApp } from '../http/http-app.ts';
import type { Tracing } from '../tracing/start-tracing.ts';

const IDLE_SWEEP_MS = 50;
/** Longest time to send the last spans of traces. */
const LAST_SPANS_MS = 2_000;

export interface ServiceOptions {
  readonly name: string;
  readonly app: HttpApp;
  readonly host: string;
  readonly port: number;
  readonly logger: Logger;
  /**
   * Starts what runs beside HTTP (consumers, timers). Called once the port is open; the service is not ready until
   * it resolves. `signal` is aborted when the service has to stop; then it should settle soon, either way.
   */
  readonly start?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Stops consumers and closes clients, in the order they need. Called after the last request is answered. */
  readonly stop?: (() => Promise<void>) | undefined;
  /** Stopped last, so that what stopping did is seen too; a receiver that does not answer holds nothing up for long. */
  readonly tracing?: Tracing | undefined;
  /** From the signal to the exit; half of it at most for requests that are still in flight. */
  readonly shutdownTimeoutMs: number;
}

/**
 * Runs a service until SIGTERM or SIGINT, and owns the process: it exits with 0 after an orderly stop, with 1 when
 * that took longer than allowed, when starting failed, or after an error that nobody caught. A second signal
 * exits at once. Resolves with the service's URL when it has started.
 */
export async function runService(options: ServiceOptions): Promise<string> {
  const { app, logger, name } = options;
  const stopping = new AbortController();
  let starting: Promise<void> = Promise.resolve();
  let signals = 0;

  exitOnUncaught(logger);
  const onSignal = (signal: NodeJS.Signals) => {
    signals += 1;
    if (signals > 1) return exit(logger, 1, `second ${signal}: exiting at once`);
    logger.info({ signal, timeoutMs: options.shutdownTimeoutMs }, `${name} is stopping`);
    stopping.abort();
    void shutDown(options, starting);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  app.readiness.markStarting();
  const url = await listen(options);
  starting = options.start?.(stopping.signal) ?? starting;
  try {
    await starting;
  } catch (error) {
    if (!stopping.signal.aborted) await failStart(options, error);
  }
  app.readiness.markStarted();
  return url;
}

async function listen(options: ServiceOptions): Promise<string> {
  const { app, host, port, name } = options;
  try {
    return await app.listen({
      host,
      port,
      listenTextResolver: (address) => `${name} is listening on ${address}`,
    });
  } catch (error) {
    options.logger.fatal({ err: error, host, port }, `${name} cannot listen: ${whyNot(error, host, port)}`);
    process.exit(1);
  }
}

function whyNot(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is in use; stop what uses it or set PORT to another one`;
    case 'EACCES':
      return `port ${port} needs more rights than this process has; set PORT to one above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine; set HOST`;
    default:
      return `port ${port} on ${host}; see PORT and HOST`;
  }
}

async function failStart(options: ServiceOptions, error: unknown): Promise<never> {
  options.logger.fatal({ err: error }, `${options.name} could not start`);
  options.app.readiness.markStopping();
  await within(options.shutdownTimeoutMs, () => closeInOrder(options)).catch((reason: unknown) => {
    options.logger.error({ err: reason }, 'stopping after the failed start failed too');
  });
  process.exit(1);
}

async function shutDown(options: ServiceOptions, starting: Promise<void>): Promise<void> {
  const { app, logger, name, shutdownTimeoutMs } = options;
  app.readiness.markStopping();
  try {
    await within(shutdownTimeoutMs, async () => {
      await Promise.allSettled([starting]);
      await closeInOrder(options);
    });
    exit(logger, 0, `${name} has stopped`);
  } catch (error) {
    logger.error({ err: error }, `${name} did not stop in order`);
    process.exit(1);
  }
}

/**
 * HTTP first, since its handlers use what `stop` closes. Connections are closed as they become idle (Node does so
 * only for those that are idle already), and cut at half time when their request does not end.
 */
async function closeInOrder({ app, stop, tracing, shutdownTimeoutMs }: ServiceOptions): Promise<void> {
  const sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  const cut = setTimeout(() => app.server.closeAllConnections(), shutdownTimeoutMs / 2);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
    await stop?.();
    await tracing?.stop(Math.min(LAST_SPANS_MS, shutdownTimeoutMs / 10));
  }
}

function exitOnUncaught(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  process.on('unhandledRejection', (reason) => {
    logger.fatal({ err: reason }, 'unhandled rejection');
    process.exit(1);
  });
}

function exit(logger: Logger, code: number, message: string): never {
  logger.info(message);
  process.exit(code);
}
