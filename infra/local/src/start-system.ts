import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type LauncherLock, lockDataDir } from './launcher-lock.ts';
import { portSetting } from './ports.ts';
import { onChildrenChange } from './processes/child.ts';
import { defaultDataDir } from './project-paths.ts';
import { type LocalServers, startServers } from './servers/start-servers.ts';
import { planInstances, type ServiceDefinition, services } from './services.ts';
import { prepareService, type ServiceInstance } from './start-service.ts';

export interface SystemOptions {
  /** Where the servers keep their data; default `.data` in the project. One system at a time may use it. */
  readonly dataDir?: string;
  /** Overrides `process.env` for everything that is started; undefined removes a variable. */
  readonly env?: NodeJS.ProcessEnv;
  /** Instances by service name; default 1 each. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Names of the services to run; default all, an empty list none. */
  readonly only?: readonly string[] | undefined;
  /** `default`: the documented ports, and an error when one is busy. `free` (for tests): any. Default `free`. */
  readonly ports?: 'free' | 'default';
  /** Where lines and messages go; default nowhere. */
  readonly log?: SystemLog;
  /** Restart processes that end unasked, with a growing delay. Default true. */
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
  /** A message of the launcher itself. */
  message(text: string): void;
}

/** A running system with its servers; whoever started it stops it. */
export interface System extends LocalServers {
  /** Published URLs: a service's first instance by its name, and `redis`, `postgres`, `smtp`, `mail` (the inbox). */
  readonly urls: Readonly<Record<string, string>>;
  /** All instances of each service that runs. */
  readonly services: Readonly<Record<string, readonly ServiceInstance[]>>;
  /** Stops services first, then servers, within about 30 s. Data is kept. May be called twice. */
  stop(): Promise<void>;
}

const silent: SystemLog = { line: () => undefined, message: () => undefined };

/** Starts servers and services, and resolves when every service is ready. Stops everything if one is not. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const { log = silent, only, scale = {}, ports = 'free', restartUnasked = true, signal } = options;
  const env = { ...process.env, ...options.env };
  const dataDir = resolve(options.dataDir ?? defaultDataDir);
  const portBase = ports === 'default' ? portSetting(env, 'HEADRACE_PORT_BASE', 3000) : undefined;
  // Before anything is started, so that an unknown name is an error at once.
  const plan = planInstances(options.services ?? services, { only, scale, portBase });

  const parts = new StartedParts(await lockDataDir(dataDir, log.message), log);
  const onAbort = (): void => void parts.stop();
  try {
    const callbacks = { restartUnasked, onMessage: log.message };
    const serverLog = await serverLogs(dataDir);
    const freePorts = ports === 'free';
    const servers = await startServers({ ...callbacks, dataDir, env, freePorts, serverLog });
    parts.servers = servers;
    signal?.throwIfAborted();
    const serviceOptions = {
      ...callbacks,
      env: {
        ...{ LOG_LEVEL: 'info', ...env },
        ...{ REDIS_URL: servers.redis.url, DATABASE_URL: servers.postgres.url, SMTP_URL: servers.mail.url },
      },
      watch: options.watch ?? false,
      readyTimeoutMs: options.readyTimeoutMs ?? 60_000,
      onLine: log.line,
    };
    parts.instances = await Promise.all(plan.map((planned) => prepareService(planned, serviceOptions)));
    signal?.throwIfAborted();
    // Not earlier: what is started after `stop` has begun would not be stopped.
    signal?.addEventListener('abort', onAbort);
    if (plan.length > 0) log.message(`Starting ${plan.map(({ id }) => id).join(', ')} …`);
    await Promise.all(parts.instances.map((instance) => instance.start()));
    signal?.throwIfAborted();
    return systemOf(servers, parts.instances, () => parts.stop());
  } catch (error) {
    await parts.stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** What a system consists of so far. */
class StartedParts {
  servers: LocalServers | undefined;
  instances: readonly ServiceInstance[] = [];
  readonly #lock: LauncherLock;
  readonly #log: SystemLog;
  readonly #unsubscribe: () => void;
  #stopped: Promise<void> | undefined;

  constructor(lock: LauncherLock, log: SystemLog) {
    this.#lock = lock;
    this.#log = log;
    this.#unsubscribe = onChildrenChange((pids) => lock.remember(pids));
  }

  /** May be called several times. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    if (this.instances.length > 0) this.#log.message('Stopping the services …');
    await Promise.all(this.instances.map((instance) => instance.stop()));
    // Only now: services still write while they end, and need the servers for it.
    if (this.servers) {
      this.#log.message('Stopping the servers …');
      const { mail, postgres, redis } = this.servers;
      await Promise.all([mail.stop(), postgres.stop(), redis.stop()]);
    }
    this.#unsubscribe();
    await this.#lock.release();
  }
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

/** Servers write much that few people want to see; it goes to files. */
async function serverLogs(dataDir: string): Promise<(name: string) => (line: string) => void> {
  await mkdir(`${dataDir}/logs`, { recursive: true });
  return (name) => {
    const file = createWriteStream(`${dataDir}/logs/${name}.log`, { flags: 'a' });
    file.on('error', () => undefined);
    return (line) => file.write(`${line}\n`);
  };
}
