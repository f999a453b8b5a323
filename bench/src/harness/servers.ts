import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { findFreePort, type LocalServer, startPostgres, startRedis } from '@headrace/local';

/** Redis and PostgreSQL that only a benchmark run uses. */
export interface Servers {
  readonly redis: LocalServer;
  readonly postgres: LocalServer;
  /** Stops them, and removes what they hold. */
  stop(): Promise<void>;
}

/** Starts both on free ports of loopback, each write on disk when it is answered. */
export async function startServers(onMessage: (message: string) => void): Promise<Servers> {
  const dir = await mkdtemp(`${tmpdir()}/headrace-bench-`);
  // as root, PostgreSQL runs as another user, who must get to its folder in here
  await chmod(dir, 0o755);
  const started: LocalServer[] = [];
  const stop = async (): Promise<void> => {
    for (const server of started) await server.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const redis = await startRedis({
      dir: `${dir}/redis`,
      port: await findFreePort(),
      // a container would measure its network as well
      env: { ...process.env, HEADRACE_CONTAINERS: 'off' },
      onMessage,
    });
    started.push(redis);
    const postgres = await startPostgres({ dir: `${dir}/postgres`, port: await findFreePort(), onMessage });
    started.push(postgres);
    return { redis, postgres, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
