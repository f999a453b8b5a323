import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from '../command-line.ts';
import { requireFreePort } from '../ports.ts';
import { ManagedProcess, type ProcessCallbacks } from '../processes/managed-process.ts';
import { isAlive, processIdentity } from '../processes/process-identity.ts';
import { runTool } from '../processes/run-tool.ts';
import type { LocalServer } from './local-server.ts';
import { findPostgres, type PostgresProgram, PostgresUnavailableError } from './postgres-program.ts';
import { type PostgresUser, postgresUser } from './postgres-user.ts';

const user = 'headrace';
const password = 'headrace';
const database = 'headrace';

export interface PostgresOptions extends ProcessCallbacks {
  /** Holds the database cluster; created when missing. Its parent must exist or be creatable. */
  readonly dir: string;
  readonly port: number;
  /** More server settings, such as `{ max_connections: '50' }`; they win over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a PostgreSQL on loopback that keeps its data in `dir`. Resolves when it answers a query. */
export async function startPostgres(options: PostgresOptions): Promise<LocalServer> {
  const { port } = options;
  const dir = resolve(options.dir);
  const program = await findPostgres();
  await mkdir(dirname(dir), { recursive: true });
  const owner = await postgresUser(program, dir);
  const env = serverEnvironment(options.env ?? process.env);
  await createCluster(program, owner, dir, env);
  await endOrphan(dir);
  await requireFreePort(port, 'PostgreSQL', 'POSTGRES_PORT');
  return await new ManagedProcess({
    ...options,
    name: 'PostgreSQL',
    url: `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
    command: async () => {
      await removeStalePidFile(dir);
      return { ...owner.run(program.postgres, serverArgs(options, dir)), env, cwd: dir };
    },
    probe: () => createDatabase(port),
    probeIntervalMs: 50,
    readyTimeoutMs: 60_000,
    // "Fast shutdown": ends the sessions and writes a checkpoint. SIGTERM would wait for every client to leave.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 15_000,
    // Right after a kill -9 the server's children may live for a moment ("pre-existing shared memory block is still in
    // use"), and a new server refuses to start beside them.
    isWorthRetrying: (error) => messageOf(error).includes('shared memory block'),
  }).start();
}

/** Our own locale and no libpq settings of the caller: both would change how the server behaves. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(PG|LC_)/.test(name) && name !== 'LANG');
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

function serverArgs(options: PostgresOptions, dir: string): string[] {
  const settings = {
    port: String(options.port),
    listen_addresses: '127.0.0.1',
    // No socket files: their folder may be missing or not writable, and their path may be too long.
    unix_socket_directories: '',
    max_connections: '200',
    logging_collector: 'off',
    ...options.settings,
  };
  return ['-D', dir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Runs initdb in a folder of another name first, so that an interrupted run is not taken for a cluster. */
async function createCluster(
  program: PostgresProgram,
  owner: PostgresUser,
  dir: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (existsSync(`${dir}/PG_VERSION`)) return;
  const partial = `${dir}.partial-${process.pid}`;
  const passwordFile = `${partial}/password`;
  const cluster = `${partial}/cluster`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (owner.ids)
      for (const path of [partial, passwordFile]) await chown(path, owner.ids.uid, owner.ids.gid);
    const settings = [
      `--pgdata=${cluster}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The built-in provider sorts by code point on every machine, whatever locales that has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ];
    const { command, args, ...ids } = owner.run(program.initdb, settings);
    const { code, stdout, stderr } = await runTool(command, args, { env, cwd: partial, ...ids });
    if (code !== 0)
      throw new PostgresUnavailableError(`initdb failed (exit code ${code}):\n${(stdout + stderr).trim()}\n`);
    await rm(dir, { recursive: true, force: true });
    await rename(cluster, dir);
    await chmod(dir, 0o700);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function createDatabase(port: number): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A server that outlived a killed launcher is asked to end, so that a new one can have its data and port. */
async function endOrphan(dir: string): Promise<void> {
  const pid = await pidInFile(dir);
  if (pid === undefined || !(await isServerOf(pid, dir))) return;
  process.kill(pid, 'SIGINT');
  for (let waitedMs = 0; isAlive(pid) && waitedMs < 15_000; waitedMs += 100) await sleep(100);
}

/**
 * After a kill -9 the pid file stays. PostgreSQL copes with one whose process is gone (and needs it then, to see
 * whether children of that process still live), but not with one whose id was given to another program since.
 */
async function removeStalePidFile(dir: string): Promise<void> {
  const pid = await pidInFile(dir);
  if (pid === undefined || !isAlive(pid) || (await isServerOf(pid, dir))) return;
  await rm(`${dir}/postmaster.pid`, { force: true });
}

async function pidInFile(dir: string): Promise<number | undefined> {
  const text = await readFile(`${dir}/postmaster.pid`, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

async function isServerOf(pid: number, dir: string): Promise<boolean> {
  if (processIdentity(pid) === undefined) return false;
  const command =
    process.platform === 'linux'
      ? (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
      : (await runTool('ps', ['-o', 'command=', '-p', String(pid)])).stdout;
  return command.includes('postgres') && command.includes(dir);
}
