import type { Supervised } from './supervised.ts';

/** A local Redis, PostgreSQL or mail server. */
export interface LocalServer {
  /** How clients reach it; stays the same over restarts. */
  readonly url: string;
  readonly port: number;
  /** True when the server was given by URL: it is not ours, and stop, kill and restart refuse or do nothing. */
  readonly external: boolean;
  /** Undefined while it does not run, or when it is external. */
  readonly pid: number | undefined;
  /** Ends it gracefully, data kept. Does nothing for an external one. */
  stop(): Promise<void>;
  /** Sends a signal, by default SIGKILL, and waits until the process is gone (SIGSTOP and SIGCONT: does not wait). */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, whether it runs or not, and waits until it is ready. */
  restart(): Promise<void>;
}

/** What differs between servers: how to restart, and how to kill what the process only stands for (a container). */
export interface ServerDifferences {
  readonly restart?: () => Promise<void>;
  readonly killContainer?: () => Promise<unknown>;
}

/** The server that a supervised process is. */
export function serverOf(
  supervised: Supervised,
  url: string,
  port: number,
  differences: ServerDifferences = {},
): LocalServer {
  return {
    url,
    port,
    external: false,
    get pid() {
      return supervised.pid;
    },
    stop: () => supervised.stop(),
    kill: async (signal = 'SIGKILL') => {
      await supervised.kill(signal);
      if (signal === 'SIGKILL') await differences.killContainer?.();
    },
    restart: differences.restart ?? (() => supervised.restart()),
  };
}

/** A server that somebody else runs. */
export function externalServer(url: string, defaultPort: number): LocalServer {
  const refuse = (): Promise<void> =>
    Promise.reject(
      new Error(`${new URL(url).host} is an external server, which is not ours to kill or restart.`),
    );
  return {
    url,
    port: Number(new URL(url).port) || defaultPort,
    external: true,
    pid: undefined,
    stop: () => Promise.resolve(),
    kill: refuse,
    restart: refuse,
  };
}
