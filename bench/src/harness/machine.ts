import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Servers } from './servers.ts';

/** What the numbers come from. */
export async function machineOf({ redis, postgres }: Servers): Promise<Readonly<Record<string, string>>> {
  const [first] = cpus();
  return {
    CPU: `${cpus().length} × ${first?.model.trim() ?? 'unknown'}`,
    Memory: `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
    System: `${type()} ${release()}`,
    Node: process.version,
    Redis: `${await redisVersion(redis.url)}, appendfsync always`,
    PostgreSQL: await postgresVersion(postgres.url),
    ...versionsOf(['bullmq', '@event-driven-io/emmett-postgresql', 'eventstore', 'fastify', 'ioredis', 'pg']),
  };
}

async function redisVersion(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}

function versionsOf(packages: readonly string[]): Record<string, string> {
  const versionOf = (name: string): string => {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
  };
  return Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
}
