import { rm } from 'node:fs/promises';
import { findFreePort, type LocalServer, startPostgres, startRedis, temporaryFolder } from '@headrace/local';

/** Redis and PostgreSQL that only a benchmark run uses. */
export interface Servers {
  readonly redis: LocalServer;
  readonly postgres: LocalServer;
  /** Stops them, and removes what they hold. */
  stop(): Promise<void>;
}

/** Starts both on free ports of loopback, each write on disk when it is answered. */
export async function startServers(onMessage: (message: string) => void): Promise<Servers> {
  const dir = await temporaryFolder('bench');
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
