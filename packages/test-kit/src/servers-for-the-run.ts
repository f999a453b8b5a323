import { rm } from 'node:fs/promises';
import { dockerAnswers, findFreePort, startPostgres, startRedis, temporaryFolder } from '@headrace/local';
import type { TestProject } from 'vitest/node';

/**
 * Vitest global setup of the integration tests: one Redis and one PostgreSQL for the whole run, whose URLs
 * {@link useRedis} and {@link usePostgres} hand on. Servers given by REDIS_URL and DATABASE_URL are used as they are;
 * else, by HEADRACE_CONTAINERS, containers (`on`), local servers (`off`), or (`auto`, the default) containers where a
 * Docker engine answers and local servers elsewhere.
 */
declare module 'vitest' {
  export interface ProvidedContext {
    readonly headraceRedisUrl: string;
    readonly headracePostgresUrl: string;
  }
}

// biome-ignore lint/style/noProcessEnv: this file is where the test run is configured, as main.ts is for a service.
const environment = process.env;

interface Running {
  readonly url: string;
  stop(): Promise<unknown>;
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = await temporaryFolder('tests');
  const inContainers = await useContainers(environment['HEADRACE_CONTAINERS'] || 'auto');
  const starting = [
    given('REDIS_URL') ?? (inContainers ? redisContainer() : localRedis(dir)),
    given('DATABASE_URL') ?? (inContainers ? postgresContainer() : localPostgres(dir)),
  ] as const;
  const stopAll = async (): Promise<void> => {
    for (const started of await Promise.allSettled(starting))
      if (started.status === 'fulfilled') await started.value.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const [redis, postgres] = await Promise.all(starting);
    project.provide('headraceRedisUrl', redis.url);
    project.provide('headracePostgresUrl', postgres.url);
    return stopAll;
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Containers that are asked for by name are required: a run without them would test something else. */
async function useContainers(setting: string): Promise<boolean> {
  if (!['on', 'off', 'auto'].includes(setting))
    throw new Error(`HEADRACE_CONTAINERS is "${setting}"; it must be on, off or auto.`);
  if (setting === 'off') return false;
  const answers = await dockerAnswers();
  if (setting === 'on' && !answers)
    throw new Error('HEADRACE_CONTAINERS is on, but no Docker engine answers. Start one, or set it to off.');
  return answers;
}

function given(variable: string): Promise<Running> | undefined {
  const url = environment[variable];
  return url ? Promise.resolve({ url, stop: () => Promise.resolve() }) : undefined;
}

async function redisContainer(): Promise<Running> {
  const { RedisContainer } = await import('@testcontainers/redis');
  const container = await new RedisContainer('redis:8')
    .withCommand([
      'redis-server',
      // Only the published port leads into the container.
      ...['--bind', '*', '--protected-mode', 'no'],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
      ...['--maxmemory-policy', 'noeviction'],
    ])
    .start();
  return { url: container.getConnectionUrl(), stop: () => container.stop() };
}

async function postgresContainer(): Promise<Running> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer('postgres:17')
    .withCommand(['postgres', '-c', 'max_connections=200'])
    .start();
  return { url: container.getConnectionUri(), stop: () => container.stop() };
}

async function localRedis(dir: string): Promise<Running> {
  return startRedis({ dir: `${dir}/redis`, port: await findFreePort(), onMessage: announce });
}

async function localPostgres(dir: string): Promise<Running> {
  return startPostgres({ dir: `${dir}/postgres`, port: await findFreePort(), onMessage: announce });
}

function announce(message: string): void {
  process.stderr.write(`${message}\n`);
}
