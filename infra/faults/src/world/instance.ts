import { type System, startSystem } from '@headrace/local';
import type { ServerName } from '../plan/faults.ts';
import { closeProxies, openProxies, type Proxies } from './proxies.ts';

/** One process of a service, with proxies between it and the servers. */
export interface Instance {
  /** `email-worker-2` */
  readonly id: string;
  readonly service: string;
  readonly url: string;
  readonly proxies: Proxies;
  /** Undefined while its process does not run. */
  readonly pid: number | undefined;
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  stop(): Promise<void>;
  continue(): Promise<void>;
  /** Stops it gracefully if it runs, and starts it; resolves when it is ready. */
  restart(): Promise<void>;
  /** Stops it gracefully. */
  end(): Promise<void>;
  /** Whether `end` has stopped it. */
  hasEnded(): boolean;
  close(): Promise<void>;
}

export interface InstanceOptions {
  readonly id: string;
  readonly serverUrls: Readonly<Record<ServerName, string>>;
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly onLine: (id: string, line: string) => void;
  readonly onMessage: (text: string) => void;
}

/** Each instance is a separate system, because it has its own servers: the proxies. */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { id, serverUrls, env, dataDir, onLine, onMessage } = options;
  const service = id.replace(/-\d+$/, '');
  const proxies = await openProxies(serverUrls);
  const system = await startSystem({
    dataDir: `${dataDir}/${id}`,
    ports: 'free',
    only: [service],
    env: {
      ...env,
      INSTANCE_ID: id,
      REDIS_URL: proxies.redis.url,
      DATABASE_URL: proxies.postgres.url,
      SMTP_URL: proxies.smtp.url,
    },
    log: { line: (_source, line) => onLine(id, line), message: onMessage },
  }).catch(async (error: unknown) => {
    await closeProxies(proxies);
    throw error;
  });
  return instanceOf(id, service, proxies, system);
}

function instanceOf(id: string, service: string, proxies: Proxies, system: System): Instance {
  const [running] = system.services[service] ?? [];
  if (running === undefined) throw new Error(`${id} did not start`);
  let ended = false;
  return {
    id,
    service,
    url: running.url,
    proxies,
    get pid() {
      return running.pid;
    },
    kill: () => running.kill('SIGKILL'),
    stop: () => running.kill('SIGSTOP'),
    continue: () => running.kill('SIGCONT'),
    restart: () => {
      ended = false;
      return running.restart();
    },
    end: () => {
      ended = true;
      return running.stop();
    },
    hasEnded: () => ended,
    close: async () => {
      await system.stop();
      await closeProxies(proxies);
    },
  };
}
