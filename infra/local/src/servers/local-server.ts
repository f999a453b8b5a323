import type { ManagedProcess } from '../processes/managed-process.ts';

/** A Redis, PostgreSQL or mail server, ours or given by its URL. `url` and `port` stay the same over restarts. */
export interface LocalServer
  extends Pick<ManagedProcess, 'url' | 'port' | 'pid' | 'stop' | 'kill' | 'restart'> {
  /** Whether the server was given by its URL: `stop` does nothing then, and `kill` and `restart` reject. */
  readonly external: boolean;
}

/** A server that was given by its URL. */
export function externalServer(url: string, defaultPort: number): LocalServer {
  const { host, port } = new URL(url);
  const refuse = (): Promise<void> =>
    Promise.reject(new Error(`${host} is an external server; it cannot be killed or restarted from here.`));
  return {
    url,
    port: Number(port) || defaultPort,
    external: true,
    pid: undefined,
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
  };
}
