import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LauncherLock, lockDataDir } from './launcher-lock.ts';
import type { MailServer } from './mail.ts';
import { defaultDataDir } from './paths.ts';
import { portSetting } from './ports.ts';
import { onChildrenChange } from './processes.ts';
import type { LocalServer } from './server.ts';
import { type LocalServers, startServers } from './servers.ts';
import { prepareService, type ServiceInstance } from './service-process.ts';
import { planInstances, type ServiceDefinition, services } from './services.ts';

export interface SystemOptions {
  /** Where the servers keep their data; default `.data` in the project. One system at a time may use it. */
  readonly dataDir?: string;
  /** Put over `process.env` for everything that is started; undefined takes a variable out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Instances by service name; default 1 each. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Names of the services to run; default all, an empty list none. */
  readonly only?: readonly string[] | undefined;
  /** `default`: the documented ports, and an error when one is busy. `free` (for tests): any. Default `free`. */
  readonly ports?: 'free' | 'default';
  /** Where lines and messages go; default `silent`. */
  readonly log?: 'silent' | SystemLog;
  /** Restart what ends unasked, with a growing delay. Default true. */
  readonly restartUnasked?: boolean;
  /** Restart services when their code changes. Default false. */
  readonly watch?: boolean;
  /** How long a service may take to answer `/health/ready`. Default 60 s. */
  readonly readyTimeoutMs?: number;
  /** Ends the start early; everything started by then is stopped. */
  readonly signal?: AbortSignal;
  /** Another table of services, for tests of the launcher itself. */
  readonly services?: readonly ServiceDefinition[];
}

export interface SystemLog {
  /** A line that a service wrote. */
  line(source: string, line: string): void;
  /** What the launcher has to say. */
  message(text: string): void;
}

/** A running system; whoever started it stops it. */
export interface System {
  /** Published URLs: a service's first instance by its name, and `redis`, `postgres`, `smtp`, `mail` (the inbox). */
  readonly urls: Readonly<Record<string, string>>;
  readonly redis: LocalServer;
  readonly postgres: LocalServer;
  readonly mail: MailServer;
  /** All instances of each service that runs. */
  readonly services: Readonly<Record<string, readonly ServiceInstance[]>>;
  /** Stops services first, then servers, within about 30 s. Data is kept. May be called twice. */
  stop(): Promise<void>;
}

const silent: SystemLog = { line: () => undefined, message: () => undefined };

/** Starts servers and services, and resolves when every service is ready. Stops everything when one is not. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const log = options.log === undefined || options.log === 'silent' ? silent : options.log;
  const env = { ...process.env, ...options.env };
  const dataDir = resolve(options.dataDir ?? defaultDataDir);
  const portBase = options.ports === 'default' ? portSetting(env, 'HEADRACE_PORT_BASE', 3000) : undefined;
  // Before anything is started: an unknown name is an error at once.
  const plan = planInstances(options.services ?? services, { ...options, portBase });

  const lock = await lockDataDir(dataDir, log.message);
  const stopRemembering = onChildrenChange((pids) => lock.remember(pids));
  const parts: StartedParts = { servers: undefined, instances: [], lock, stopRemembering };
  const stop = once(() => stopParts(parts, log));
  const onAbort = (): void => void stop();
  options.signal?.addEventListener('abort', onAbort);
  try {
    const serverLog = await serverLogs(dataDir);
    const restartUnasked = options.restartUnasked ?? true;
    const freePorts = options.ports !== 'default';
    parts.servers = await startServers({ dataDir, env, freePorts, restartUnasked, serverLog, log });
    options.signal?.throwIfAborted();
    const serviceEnv = { LOG_LEVEL: 'info', ...env, ...urlsForServices(parts.servers) };
    const prepared = await Promise.all(
      plan.map((planned) =>
        prepareService(planned, (options.scale?.[planned.service.name] ?? 1) > 1, {
          env: serviceEnv,
          watch: options.watch ?? false,
          restartUnasked,
          readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
          onLine: log.line,
          onMessage: log.message,
        }),
      ),
    );
    parts.instances.push(...prepared.map(({ instance }) => instance));
    if (plan.length > 0) log.message(`Starting ${plan.map(({ id }) => id).join(', ')} …`);
    await Promise.all(prepared.map(({ start }) => start()));
    options.signal?.throwIfAborted();
    return systemOf(parts.servers, parts.instances, stop);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

interface StartedParts {
  servers: LocalServers | undefined;
  readonly instances: ServiceInstance[];
  readonly lock: LauncherLock;
  readonly stopRemembering: () => void;
}

async function stopParts(parts: StartedParts, log: SystemLog): Promise<void> {
  if (parts.instances.length > 0) log.message('Stopping the services …');
  await Promise.all(parts.instances.map((instance) => instance.stop()));
  // Only now: what services still write while they end must find its server.
  const { servers } = parts;
  if (servers) {
    log.message('Stopping the servers …');
    await Promise.all([servers.mail.stop(), servers.postgres.stop(), servers.redis.stop()]);
  }
  parts.stopRemembering();
  await parts.lock.release();
}

function urlsForServices(servers: LocalServers): Record<string, string> {
  return {
    REDIS_URL: servers.redis.url,
    DATABASE_URL: servers.postgres.url,
    SMTP_URL: servers.mail.url,
  };
}

function systemOf(
  servers: LocalServers,
  instances: readonly ServiceInstance[],
  stop: () => Promise<void>,
): System {
  const byName = Object.groupBy(instances, ({ name }) => name) as Record<string, ServiceInstance[]>;
  const published = Object.entries(byName).map(([name, [first]]) => [name, first?.url ?? '']);
  return {
    urls: {
      ...Object.fromEntries(published),
      redis: servers.redis.url,
      postgres: servers.postgres.url,
      smtp: servers.mail.url,
      ...(servers.mail.webUrl === undefined ? {} : { mail: servers.mail.webUrl }),
    },
    ...servers,
    services: byName,
    stop,
  };
}

/** Servers write much that nobody needs to see; it goes to files that can be looked into. */
async function serverLogs(dataDir: string): Promise<(name: string) => (line: string) => void> {
  await mkdir(`${dataDir}/logs`, { recursive: true });
  return (name) => {
    const file = createWriteStream(`${dataDir}/logs/${name}.log`, { flags: 'a' });
    file.on('error', () => undefined);
    return (line) => file.write(`${line}\n`);
  };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= work();
    return running;
  };
}
