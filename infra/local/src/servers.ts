import { type MailServer, startMail } from './mail.ts';
import { findFreePort, portSetting } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { externalServer, type LocalServer } from './server.ts';

/** The servers that the services need. */
export interface LocalServers {
  readonly redis: LocalServer;
  readonly postgres: LocalServer;
  readonly mail: MailServer;
}

export interface ServersOptions {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Any free ports instead of the documented ones. */
  readonly freePorts: boolean;
  readonly restartUnasked: boolean;
  /** Gives each server a place for its lines. */
  readonly serverLog: (name: string) => (line: string) => void;
  readonly log: { message(text: string): void };
}

/**
 * Default ports that a Redis or PostgreSQL installed on the machine does not have: theirs are 6379 and 5432.
 */
const defaultPorts = { REDIS_PORT: 6390, POSTGRES_PORT: 5442, MAIL_SMTP_PORT: 1025, MAIL_WEB_PORT: 1080 };

/** Starts the servers that are not given by URL, at once; when one fails, the others are stopped. */
export async function startServers(options: ServersOptions): Promise<LocalServers> {
  const started = await Promise.allSettled([
    startOrUseRedis(options),
    startOrUsePostgres(options),
    mail(options),
  ]);
  const [redis, postgres, mailServer] = started;
  if (redis.status === 'fulfilled' && postgres.status === 'fulfilled' && mailServer.status === 'fulfilled') {
    return { redis: redis.value, postgres: postgres.value, mail: mailServer.value };
  }
  await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
  throw firstFailure(started);
}

function firstFailure(results: readonly PromiseSettledResult<unknown>[]): unknown {
  return results.find((result) => result.status === 'rejected')?.reason;
}

async function startOrUseRedis(options: ServersOptions): Promise<LocalServer> {
  const given = options.env['REDIS_URL'];
  if (given) return externalServer(given, 6379);
  options.log.message('Starting Redis …');
  return startRedis({
    dir: `${options.dataDir}/redis`,
    port: await port(options, 'REDIS_PORT'),
    ...common(options, 'redis'),
  });
}

async function startOrUsePostgres(options: ServersOptions): Promise<LocalServer> {
  const given = options.env['DATABASE_URL'];
  if (given) return externalServer(given, 5432);
  options.log.message('Starting PostgreSQL …');
  return startPostgres({
    dir: `${options.dataDir}/postgres`,
    port: await port(options, 'POSTGRES_PORT'),
    ...common(options, 'postgres'),
  });
}

async function mail(options: ServersOptions): Promise<MailServer> {
  const given = options.env['SMTP_URL'];
  if (given) return Object.assign(externalServer(given, 25), { webUrl: undefined });
  options.log.message('Starting the mail inbox …');
  return startMail({
    dir: `${options.dataDir}/mail`,
    smtpPort: await port(options, 'MAIL_SMTP_PORT'),
    webPort: await port(options, 'MAIL_WEB_PORT'),
    ...common(options, 'mail'),
  });
}

async function port(options: ServersOptions, setting: keyof typeof defaultPorts): Promise<number> {
  return options.freePorts ? findFreePort() : portSetting(options.env, setting, defaultPorts[setting]);
}

function common(options: ServersOptions, name: string) {
  return {
    env: options.env,
    restartUnasked: options.restartUnasked,
    onLine: options.serverLog(name),
    onMessage: (text: string) => options.log.message(text),
  };
}
