import { rm } from 'node:fs/promises';
import {
  findFreePort,
  type LocalServer,
  type PostgresOptions,
  RedisNotFoundError,
  type RedisOptions,
  startPostgres,
  startRedis,
  temporaryFolder,
} from '@headrace/local';

// biome-ignore lint/style/noProcessEnv: as in servers-for-the-run.ts
const environment = process.env;

/** A server that only one test uses, which may kill and restart it, and must close it. */
export interface OwnServer extends LocalServer {
  readonly dir: string;
  /** Stops it and deletes its data. */
  close(): Promise<void>;
}

/**
 * Starts a Redis process (`appendfsync always`) on a free port; `restart` keeps port and data. A container only if
 * there is no program: signals and 127.0.0.1 mean something else to it.
 */
export function startOwnRedis(options: Partial<RedisOptions> = {}): Promise<OwnServer> {
  return own('redis', async (dir, port) => {
    const given = { dir, port, ...options };
    const env = { ...(options.env ?? environment), HEADRACE_CONTAINERS: 'off' };
    try {
      return await startRedis({ ...given, env });
    } catch (error) {
      if (!(error instanceof RedisNotFoundError)) throw error;
      return await startRedis(given);
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
  const parent = await temporaryFolder(`own-${name}`);
  const dir = `${parent}/${name}`;
  const server = await start(dir, await findFreePort());
  const close = async (): Promise<void> => {
    await server.stop();
    await rm(parent, { recursive: true, force: true });
  };
  return Object.assign(server, { dir, close });
}
