import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';
import { scrubLine } from './scrub.ts';
import { serializeError } from './serialize-error.ts';

export interface LogOptions {
  /** Name of the service, such as `order-api`; in every line. */
  readonly service: string;
  /** Name of this process; in every line. */
  readonly instance: string;
  /** A pino level; default `info`. */
  readonly level?: string | undefined;
  /** Where lines go; default standard output, written synchronously so that nothing is lost at exit. */
  readonly destination?: DestinationStream | undefined;
}

/**
 * A pino logger that writes one JSON object a line: `level` as a word, `time` in ISO 8601, `service`, `instance`,
 * `msg`, and `err` for errors. Secrets and mail addresses are masked in every line (see scrubLine).
 */
export function createLogger(options: LogOptions): Logger {
  const settings: LoggerOptions = {
    level: options.level ?? 'info',
    base: { service: options.service, instance: options.instance },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: (error: unknown) => serializeError(error) },
    hooks: { streamWrite: scrubLine },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
