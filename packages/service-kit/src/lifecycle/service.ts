import type { ConsumerOptions } from '@headrace/consumer';
import type { EventRegistry } from '@headrace/event-schema';
import { createEventStore, type EventStore } from '@headrace/event-store';
import type { Logger } from 'pino';
import type { Environment } from '../config/environment.ts';
import { type ServiceConfig, storeOptionsOf } from '../config/settings.ts';
import { type HttpLimits, httpLimitsOf } from '../http/build-http-app.ts';
import type { HttpApp } from '../http/http-app.ts';
import { createFailureLog } from '../logging/failure-log.ts';
import { createParkedLog } from '../logging/parked-log.ts';
import { untilAvailable } from './until-available.ts';

/** What runs beside HTTP, such as a consumer. `stop` finishes what is under way. */
export interface Background {
  start(): void;
  stop(): Promise<void>;
}

/** The database of a service. */
export interface ServiceDatabase {
  migrate(): Promise<void>;
  close(): Promise<void>;
}

/** What a service is built of. Store and database are opened and closed by the kit. */
export interface ServiceParts<Config, Database> {
  readonly config: Config;
  readonly logger: Logger;
  readonly store: EventStore;
  readonly database: Database;
  /** For the HTTP app. */
  readonly http: HttpLimits & { readonly logger: Logger };
  /** For each consumer. @param doing begins the log line of a failure: `counting events` */
  consumerOptions(
    doing: string,
  ): Required<Pick<ConsumerOptions, 'store' | 'instance' | 'leaseMs' | 'onError' | 'onParked'>>;
}

export interface DatabaseDefinition<Config, Database> {
  /** Connects when it is first used. */
  readonly create: (config: Config, onError: (error: unknown) => void) => Database;
  /** Makes the database ready; safe to repeat, and in several processes at once. Default: `migrate`. */
  readonly prepare?: (database: Database) => Promise<void>;
  /** Compares the log with the one that the database was filled from. @throws where it is another */
  readonly recognizeLog: (database: Database, store: EventStore) => Promise<void>;
}

/** A service as it is declared: `startService` runs it. */
export interface ServiceDefinition<
  Config extends ServiceConfig,
  Database extends ServiceDatabase | undefined,
> {
  /** In logs, metrics, traces and documentation, such as `order-api`. */
  readonly name: string;
  readonly version: string;
  /** @throws ConfigError */
  readonly config: (env: Environment) => Config;
  readonly registry: (config: Config) => EventRegistry;
  readonly database?: DatabaseDefinition<Config, Exclude<Database, undefined>>;
  /** Builds the HTTP side and what runs beside it. Nothing may be started here. */
  readonly build: (
    parts: ServiceParts<Config, Database>,
  ) => Promise<{ readonly app: HttpApp; readonly background: readonly Background[] }>;
}

/** A service but for its process. */
export interface Service {
  readonly app: HttpApp;
  /** Waits for Redis and PostgreSQL, then starts what runs beside HTTP. */
  start(signal: AbortSignal): Promise<void>;
  /** Stops that, then closes database and store. */
  stop(): Promise<void>;
}

/** Connects in the background; consumes nothing before `start`. */
export async function createService<
  Config extends ServiceConfig,
  Database extends ServiceDatabase | undefined = undefined,
>(definition: ServiceDefinition<Config, Database>, config: Config, logger: Logger): Promise<Service> {
  const store = createEventStore({
    ...storeOptionsOf(config),
    registry: definition.registry(config),
    onBackgroundError: createFailureLog(logger, 'the event store failed in the background'),
  });
  const opened = openDatabase(definition, config, logger);
  const { app, background } = await definition.build({
    config,
    logger,
    store,
    database: opened?.database as Database,
    http: { logger, ...httpLimitsOf(config) },
    consumerOptions: (doing) => ({
      store,
      instance: config.INSTANCE_ID,
      leaseMs: config.LEASE_MS,
      onError: createFailureLog(logger, `${doing} met a failure`),
      onParked: createParkedLog(logger),
    }),
  });
  return {
    app,
    start: async (signal) => {
      const until = (what: string, open: () => Promise<void>) =>
        untilAvailable(what, open, { signal, logger });
      // side by side, since each of them alone makes some answers possible
      await Promise.all([until('Redis', () => store.open()), opened && until('PostgreSQL', opened.prepare)]);
      if (opened !== undefined) await until('the log', () => opened.recognizeLog(store));
      for (const part of background) part.start();
    },
    stop: async () => {
      try {
        await Promise.all(background.map((part) => part.stop()));
      } finally {
        await opened?.database.close();
        await store.close();
      }
    },
  };
}

interface OpenedDatabase<Database> {
  readonly database: Database;
  prepare(): Promise<void>;
  recognizeLog(store: EventStore): Promise<void>;
}

function openDatabase<Config extends ServiceConfig, Database extends ServiceDatabase | undefined>(
  { database: definition }: ServiceDefinition<Config, Database>,
  config: Config,
  logger: Logger,
): OpenedDatabase<Exclude<Database, undefined>> | undefined {
  if (definition === undefined) return undefined;
  const { create, prepare, recognizeLog } = definition;
  const database = create(config, createFailureLog(logger, 'a connection to PostgreSQL was lost'));
  return {
    database,
    prepare: () => prepare?.(database) ?? database.migrate(),
    recognizeLog: (store) => recognizeLog(database, store),
  };
}
