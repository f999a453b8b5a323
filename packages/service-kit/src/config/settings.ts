import { definedOnly } from '@headrace/event-schema';
import { z } from 'zod';
import { defaultInstanceId } from './instance-id.ts';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const DAY_MS = 86_400_000;

/** A whole number from `min` to `max`, both included. Refuses `1e3`, `0x10` and decimals, which hide typing errors. */
export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
}

/** `true`/`false`, `1`/`0`, `yes`/`no` or `on`/`off`, in any case. */
export function flag() {
  const words = ['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'];
  return z
    .string()
    .toLowerCase()
    .refine((word) => words.includes(word), 'must be true or false')
    .transform((word) => words.indexOf(word) % 2 === 0);
}

/** A URL whose scheme is one of `schemes` (without colon). The value is a secret: it may hold a password. */
export function urlOf(...schemes: readonly string[]) {
  const wanted = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return z
    .string()
    .refine(
      (value) => URL.canParse(value) && schemes.some((scheme) => value.startsWith(`${scheme}://`)),
      `must be a URL starting with ${wanted}`,
    );
}

/** Host names without scheme and port, separated by commas; empty ones are left out by what reads them. */
function hostNames() {
  const name = /^(?:\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|)$/i;
  return z
    .string()
    .refine(
      (list) => list.split(',').every((entry) => name.test(entry.trim())),
      'must be host names without scheme and port, separated by commas, such as shop.example.com',
    );
}

/** Settings of a service with an HTTP interface; spread into its `z.object({ … })`. */
export function httpSettings(defaults: { readonly port: number; readonly instanceId: string }) {
  return {
    HOST: z
      .string()
      .default('127.0.0.1')
      .describe('address to listen on; default 127.0.0.1, 0.0.0.0 for all'),
    PORT: wholeNumber(0, 65_535)
      .default(defaults.port)
      .describe(`TCP port to listen on, 0 for any free one; default ${defaults.port}`),
    INSTANCE_ID: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,128}$/, 'must be 1 to 128 letters, digits and . _ : -')
      .default(defaults.instanceId)
      .describe(
        'name of this process in logs, leases and group members; default host name, pid and a random part',
      ),
    LOG_LEVEL: z
      .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
      .default('info')
      .describe('least severe level that is logged; default info'),
    ALLOWED_HOSTS: hostNames()
      .optional()
      .describe(
        'names that requests may be for beside localhost and IP addresses, separated by commas; *.example.com for all below it, * for any; default none',
      ),
    CORS_ORIGIN: z
      .string()
      .optional()
      .describe('origins that browsers may call from, separated by commas, or *; default none'),
    RATE_LIMIT_PER_MINUTE: wholeNumber(1, 1_000_000_000)
      .optional()
      .describe('requests a minute that one client address may send to this instance; default no limit'),
    TRUST_PROXY: z
      .string()
      .optional()
      .describe(
        'addresses or ranges of proxies whose X-Forwarded-For is believed, separated by commas, such as loopback,uniquelocal; default none',
      ),
    BODY_LIMIT_BYTES: wholeNumber(1024, 1024 ** 3)
      .default(1024 ** 2)
      .describe('largest request body, in bytes; default 1048576'),
    REQUEST_TIMEOUT_MS: wholeNumber(100, DAY_MS)
      .default(30_000)
      .describe('longest time to receive a request, and to answer it, in milliseconds; default 30000'),
    SHUTDOWN_TIMEOUT_MS: wholeNumber(100, DAY_MS)
      .default(10_000)
      .describe('longest time from SIGTERM to exit, in milliseconds; default 10000'),
  };
}

/** Settings of a service that reads or writes the log. */
export function storeSettings() {
  return {
    REDIS_URL: urlOf('redis', 'rediss')
      .default('redis://127.0.0.1:6379')
      .describe('redis://[user:password@]host[:port][/db]; default redis://127.0.0.1:6379'),
    LOG_PARTITIONS: wholeNumber(1, 1024)
      .default(8)
      .describe('partitions of the log, fixed when it is created, 1 to 1024; default 8'),
    KEY_PREFIX: z
      .string()
      .regex(/^[A-Za-z0-9._:-]{1,64}$/, 'must be 1 to 64 letters, digits and . _ : -, without braces')
      .default('headrace')
      .describe('what every Redis key starts with; default headrace'),
    DURABILITY: z
      .enum(['memory', 'fsync', 'replicated'], { error: 'must be memory, fsync or replicated' })
      .default('fsync')
      .describe('what an acknowledged append has reached: memory, fsync or replicated; default fsync'),
    REPLICAS: wholeNumber(1, 100)
      .optional()
      .describe('replicas that must confirm each append where DURABILITY is replicated; default 1'),
    ASSUME_SERVER_SETTINGS: flag()
      .optional()
      .describe(
        'true: do not check that the settings of Redis give DURABILITY, for servers that forbid CONFIG; default false',
      ),
    CONFIRM_TIMEOUT_MS: wholeNumber(1, DAY_MS)
      .optional()
      .describe(
        'longest time for a disk or the replicas to confirm an append, in milliseconds, less than REDIS_TIMEOUT_MS; default 2000',
      ),
    REDIS_TIMEOUT_MS: wholeNumber(100, DAY_MS)
      .optional()
      .describe('a reply of Redis that takes longer counts as lost, in milliseconds; default 5000'),
    CONNECT_WAIT_MS: wholeNumber(1, DAY_MS)
      .optional()
      .describe('how long an append waits for a connection to Redis, in milliseconds; default 1000'),
    OUTCOME_TIMEOUT_MS: wholeNumber(1, DAY_MS)
      .optional()
      .describe(
        'how long to find out what became of an append whose reply was lost, in milliseconds; default 5000',
      ),
    IDEMPOTENCY_TTL_S: wholeNumber(86_400, 315_360_000)
      .optional()
      .describe('how long a repeat under an Idempotency-Key is recognised, in seconds; default 86400'),
    SNAPSHOT_EVERY: wholeNumber(1, 1_000_000)
      .optional()
      .describe('events that may be replayed on top of a snapshot before another one is saved; default 100'),
  };
}

/** Settings of every service on the log; spread into its `z.object({ … })`. @param port the service's own */
export function serviceSettings(port: number) {
  return {
    ...httpSettings({ port, instanceId: defaultInstanceId() }),
    ...storeSettings(),
    ...consumerSettings(),
    ...tracingSettings(),
  };
}

/** What `serviceSettings` come to. */
export type ServiceConfig = z.output<z.ZodObject<ReturnType<typeof serviceSettings>>>;

/** The settings of `storeSettings`, in the form that an event store takes. */
export function storeOptionsOf(config: z.output<z.ZodObject<ReturnType<typeof storeSettings>>>) {
  return {
    redisUrl: config.REDIS_URL,
    prefix: config.KEY_PREFIX,
    partitions: config.LOG_PARTITIONS,
    durability: config.DURABILITY,
    // those that are not set have the store's own defaults
    ...definedOnly({
      replicas: config.REPLICAS,
      assumeServerSettings: config.ASSUME_SERVER_SETTINGS,
      confirmTimeoutMs: config.CONFIRM_TIMEOUT_MS,
      commandTimeoutMs: config.REDIS_TIMEOUT_MS,
      connectWaitMs: config.CONNECT_WAIT_MS,
      outcomeTimeoutMs: config.OUTCOME_TIMEOUT_MS,
      idempotencyTtlS: config.IDEMPOTENCY_TTL_S,
      snapshotEvery: config.SNAPSHOT_EVERY,
    }),
  };
}

/** Settings of a service that keeps read models, a ledger or records in PostgreSQL. */
export function databaseSettings() {
  return {
    DATABASE_URL: urlOf('postgres', 'postgresql').describe(
      'postgres://user:password@host:port/database; required',
    ),
  };
}

/** The schema of a service that has one of its own. @param what is in it, for the description */
export function schemaSetting(name: string, what: string) {
  return {
    DATABASE_SCHEMA: z
      .string()
      .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be 1 to 63 small letters, digits and _')
      .default(name)
      .describe(`PostgreSQL schema ${what}; default ${name}`),
  };
}

/** Settings of a service that runs consumer groups. */
export function consumerSettings() {
  return {
    LEASE_MS: wholeNumber(1000, 600_000)
      .default(10_000)
      .describe(
        'how long a partition stays with an instance that no longer answers, in milliseconds; default 10000',
      ),
  };
}

/** Settings of a service whose traces may be recorded; the variables are OpenTelemetry's own. */
export function tracingSettings() {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: urlOf('http', 'https')
      .optional()
      .describe('base URL of an OTLP/HTTP receiver for traces, such as http://localhost:4318; default off'),
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .regex(/^(0(\.\d{1,9})?|1(\.0{1,9})?)$/, 'must be a number from 0 to 1')
      .transform(Number)
      .default(1)
      .describe(
        'share of the traces begun here that are recorded, 0 to 1; a caller that sends a traceparent decides for itself; default 1',
      ),
  };
}
