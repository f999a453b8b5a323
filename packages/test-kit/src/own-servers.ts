import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findFreePort,
  type LocalServer,
  type PostgresOptions,
  RedisNotFoundError,
  type RedisOptions,
  startPostgres,
  startRedis,
} from '@headrace/local';

// biome-ignore lint/style/noProcessEnv: as in servers-for-the-run.ts
const environment = process.env;

/** A server of one test's own, which it may kill (`kill`), bring back (`restart`) and must end (`close`). */
export interface OwnServer extends LocalServer {
  readonly dir: string;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}

/**
 * Starts a Redis process (`appendfsync always`) on a free port; `restart` keeps port and data. A container only where
 * no process can be had: signals and 127.0.0.1 mean something else to it.
 */
export function startOwnRedis(options: Partial<RedisOptions> = {}): Promise<OwnServer> {
  return own('redis', async (dir, port) => {
    const anyhow = { dir, port, ...options };
    const env = { ...(options.env ?? environment), HEADRACE_CONTAINERS: 'off' };
    try {
      return await startRedis({ ...anyhow, env });
    } catch (error) {
      if (!(error instanceof RedisNotFoundError)) throw error;
      return await startRedis(anyhow);
    }
  });
}

/** Starts a PostgreSQL process on a free port; `restart` keeps port and data. Takes about 2 s. */
export function startOwnPostgres(options: Partial<PostgresOptions> = {}): Promise<OwnServer> {
  return own('postgres', (dir, port) => startPostgres({ dir, port, ...options }));
}

async function own(
  name: string,
  start: (dir: string, port: number) => Promise<LocalServer>,
): Promise<OwnServer> {
  const parent = await mkdtemp(join(tmpdir(), `headrace-own-${name}-`));
  // When we are root, PostgreSQL runs as another user, who must get to its folder in here.
  await chmod(parent, 0o755);
  const dir = `${parent}/${name}`;
  const server = await start(dir, await findFreePort());
  return {
    url: server.url,
    port: server.port,
    external: server.external,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    kill: (signal) => server.kill(signal),
    restart: () => server.restart(),
    dir,
    close: async () => {
      await server.stop();
      await rm(parent, { recursive: true, force: true });
    },
  };
}
