import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFreePort, type LocalServer, PortBusyError, startPostgres, startRedis } from '../src/index.ts';

let parent: string;
const started: LocalServer[] = [];

beforeEach(async () => {
  // Left as private as mkdtemp makes it: as root, PostgreSQL's user has to get in all the same.
  parent = await mkdtemp(join(tmpdir(), 'headrace-servers-'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(parent, { recursive: true, force: true });
});

async function keep<T extends LocalServer>(server: Promise<T>): Promise<T> {
  started.push(await server);
  return server;
}

describe('startRedis', () => {
  async function withClient<T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(url, { protocol: 2 });
    client.on('error', () => undefined);
    try {
      return await work(client);
    } finally {
      client.disconnect();
    }
  }

  it('keeps every acknowledged write over kill -9', async () => {
    const server = await keep(startRedis({ dir: `${parent}/redis`, port: await findFreePort() }));
    await withClient(server.url, (client) =>
      Promise.all(Array.from({ length: 500 }, () => client.xadd('log', '*', 'type', 'OrderPlaced'))),
    );
    const killedPid = server.pid;
    await server.kill('SIGKILL');
    expect(server.pid).toBeUndefined();

    await server.restart();
    expect(server.pid).not.toBe(killedPid);
    expect(await withClient(server.url, (client) => client.xlen('log'))).toBe(500);
  });

  it('has the settings that the event store asks for', async () => {
    const server = await keep(startRedis({ dir: `${parent}/redis`, port: await findFreePort() }));
    const settings = await withClient(server.url, async (client) =>
      Promise.all(
        ['appendonly', 'appendfsync', 'no-appendfsync-on-rewrite', 'maxmemory-policy', 'save'].map(
          async (name) => ((await client.config('GET', name)) as string[])[1],
        ),
      ),
    );
    expect(settings).toEqual(['yes', 'always', 'no', 'noeviction', '']);
  });

  it('says which port is busy', async () => {
    const server = await keep(startRedis({ dir: `${parent}/redis`, port: await findFreePort() }));
    await expect(startRedis({ dir: `${parent}/other`, port: server.port })).rejects.toThrow(PortBusyError);
  });

  it('says what the server wrote when it cannot start', async () => {
    await mkdir(`${parent}/redis`);
    const broken = startRedis({
      dir: `${parent}/redis`,
      port: await findFreePort(),
      settings: { appendfsync: 'sometimes' },
    });
    await expect(broken).rejects.toThrow(/ended while it was starting[\s\S]*appendfsync/);
  });
});

describe('startPostgres', () => {
  async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  it('keeps committed rows over kill -9 and over stop, on the same port', async () => {
    const server = await keep(startPostgres({ dir: `${parent}/postgres`, port: await findFreePort() }));
    await query(server.url, 'CREATE TABLE orders AS SELECT generate_series(1, 500) AS id');
    await server.kill('SIGKILL');
    await server.restart();
    expect(await query(server.url, 'SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 500 }]);

    await server.stop();
    await server.restart();
    expect(await query(server.url, 'SELECT count(*)::int AS n FROM orders')).toEqual([{ n: 500 }]);
  });

  it('starts when its pid file names a process that is not PostgreSQL', async () => {
    const options = { dir: `${parent}/postgres`, port: await findFreePort() };
    const first = await startPostgres(options);
    await first.kill('SIGKILL');
    await writeFile(`${options.dir}/postmaster.pid`, `${process.pid}\n${options.dir}\n`);
    const second = await keep(startPostgres(options));
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('sorts the same on every machine and speaks UTF-8', async () => {
    const server = await keep(startPostgres({ dir: `${parent}/postgres`, port: await findFreePort() }));
    const [row] = await query(
      server.url,
      "SELECT current_setting('server_encoding') AS encoding, array(SELECT x FROM unnest(array['b','A','ä','a']) x ORDER BY x) AS sorted",
    );
    expect(row).toEqual({ encoding: 'UTF8', sorted: ['A', 'a', 'b', 'ä'] });
  });
});
