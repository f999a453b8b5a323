import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerAnswers, findFreePort, startPostgres, startRedis } from '@headrace/local';
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
  const dir = await mkdtemp(join(tmpdir(), 'headrace-tests-'));
  // When we are root, PostgreSQL runs as another user, who must get to its folder in here.
  await chmod(dir, 0o755);
  const inContainers = await useContainers(environment['HEADRACE_CONTAINERS'] || 'auto');
  // Settled, not all: if one of them fails, the other must not be left behind.
  const started = await Promise.allSettled([
    given('REDIS_URL') ?? (inContainers ? redisContainer() : localRedis(dir)),
    given('DATABASE_URL') ?? (inContainers ? postgresContainer() : localPostgres(dir)),
  ]);
  const stopAll = async (): Promise<void> => {
    await Promise.all(started.map((one) => (one.status === 'fulfilled' ? one.value.stop() : undefined)));
    await rm(dir, { recursive: true, force: true });
  };
  const [redis, postgres] = started;
  if (redis.status === 'rejected' || postgres.status === 'rejected') {
    await stopAll();
    throw redis.status === 'rejected' ? redis.reason : (postgres as PromiseRejectedResult).reason;
  }
  project.provide('headraceRedisUrl', redis.value.url);
  project.provide('headracePostgresUrl', postgres.value.url);
  return stopAll;
}

/** Asked for by name, containers are a must: a run without them would show something else. */
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
