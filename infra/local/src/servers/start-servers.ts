import { findFreePort, portSetting } from '../ports.ts';
import { externalServer, type LocalServer } from './local-server.ts';
import { type MailServer, startMail } from './mail.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

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
  /** Where the lines of the server with this name go. */
  readonly serverLog: (name: string) => (line: string) => void;
  readonly onMessage: (text: string) => void;
}

/** A Redis or PostgreSQL that is installed on the machine has other ports: 6379 and 5432. */
const defaultPorts = { REDIS_PORT: 6390, POSTGRES_PORT: 5442, MAIL_SMTP_PORT: 1025, MAIL_WEB_PORT: 1080 };

/** Starts the servers that are not given by URL, all at once; if one fails, the others are stopped. */
export async function startServers(options: ServersOptions): Promise<LocalServers> {
  const starting = [startOrUseRedis(options), startOrUsePostgres(options), startOrUseMail(options)] as const;
  try {
    const [redis, postgres, mail] = await Promise.all(starting);
    return { redis, postgres, mail };
  } catch (error) {
    for (const result of await Promise.allSettled(starting))
      if (result.status === 'fulfilled') await result.value.stop();
    throw error;
  }
}

async function startOrUseRedis(options: ServersOptions): Promise<LocalServer> {
  const given = options.env['REDIS_URL'];
  if (given) return externalServer(given, 6379);
  options.onMessage('Starting Redis …');
  const port = await portFor(options, 'REDIS_PORT');
  return startRedis({ ...forServer(options, 'redis'), port });
}

async function startOrUsePostgres(options: ServersOptions): Promise<LocalServer> {
  const given = options.env['DATABASE_URL'];
  if (given) return externalServer(given, 5432);
  options.onMessage('Starting PostgreSQL …');
  const port = await portFor(options, 'POSTGRES_PORT');
  return startPostgres({ ...forServer(options, 'postgres'), port });
}

async function startOrUseMail(options: ServersOptions): Promise<MailServer> {
  const given = options.env['SMTP_URL'];
  if (given) return { ...externalServer(given, 25), webUrl: undefined };
  options.onMessage('Starting the mail inbox …');
  const smtpPort = await portFor(options, 'MAIL_SMTP_PORT');
  const webPort = await portFor(options, 'MAIL_WEB_PORT');
  return startMail({ ...forServer(options, 'mail'), smtpPort, webPort });
}

async function portFor(options: ServersOptions, setting: keyof typeof defaultPorts): Promise<number> {
  return options.freePorts ? findFreePort() : portSetting(options.env, setting, defaultPorts[setting]);
}

function forServer({ dataDir, env, restartUnasked, serverLog, onMessage }: ServersOptions, name: string) {
  return { dir: `${dataDir}/${name}`, env, restartUnasked, onLine: serverLog(name), onMessage };
}
