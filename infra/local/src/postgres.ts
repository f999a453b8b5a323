import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { requireFreePort } from './ports.ts';
import {
  databaseOwner,
  databaseUser,
  findPostgres,
  type PostgresProgram,
  PostgresUnavailableError,
  type RunAs,
} from './postgres-program.ts';
import { isAlive, processIdentity, runTool, startChild } from './processes.ts';
import { type LocalServer, serverOf } from './server.ts';
import { Supervised } from './supervised.ts';
import { waitUntil } from './waiting.ts';

const user = 'headrace';
const password = 'headrace';
const database = 'headrace';

export interface PostgresOptions {
  /** Holds the database cluster; created when missing. Its parent must exist or be creatable. */
  readonly dir: string;
  readonly port: number;
  /** More server settings, such as `{ max_connections: '50' }`; they win over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  readonly restartUnasked?: boolean;
  readonly onLine?: (line: string) => void;
  readonly onMessage?: (message: string) => void;
}

/** Starts a PostgreSQL on loopback that keeps its data in `dir`. Resolves when it answers a query. */
export async function startPostgres(options: PostgresOptions): Promise<LocalServer> {
  const dir = resolve(options.dir);
  const program = await findPostgres();
  await mkdir(resolve(dir, '..'), { recursive: true });
  const runAs = await databaseUser(program, dir);
  const env = serverEnvironment(options.env ?? process.env);
  await createCluster(program, runAs, dir, env);
  await endOrphan(dir);
  await requireFreePort(options.port, 'PostgreSQL', 'POSTGRES_PORT');
  const url = `postgres://${user}:${password}@127.0.0.1:${options.port}/${database}`;

  const supervised = new Supervised({
    name: 'PostgreSQL',
    launch: async () => {
      await removeStalePidFile(dir);
      const [command = '', ...args] = [...runAs.prefix, program.postgres, ...serverArgs(options, dir)];
      return startChild({
        name: 'PostgreSQL',
        command,
        args,
        env,
        cwd: dir,
        // "Fast shutdown": ends the sessions and writes a checkpoint. SIGTERM would wait for every client to leave.
        stopSignal: 'SIGINT',
        ...idsOf(runAs),
        ...(options.onLine ? { onLine: options.onLine } : {}),
      });
    },
    ready: (child, signal) =>
      waitUntil(() => createDatabase(options.port), {
        what: 'PostgreSQL',
        timeoutMs: 60_000,
        intervalMs: 50,
        child,
        signal,
      }),
    stopTimeoutMs: 15_000,
    restartUnasked: options.restartUnasked ?? false,
    ...(options.onMessage ? { onMessage: options.onMessage } : {}),
  });
  await startPatiently(supervised);
  return serverOf(supervised, url, options.port, { restart: () => startPatiently(supervised) });
}

/**
 * Right after a kill -9 the server's children may live for a moment, and a new server refuses to start beside
 * them ("pre-existing shared memory block is still in use").
 */
async function startPatiently(supervised: Supervised): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await supervised.restart();
    } catch (error) {
      const childrenLeft = error instanceof Error && error.message.includes('shared memory block');
      if (!childrenLeft || attempt === 20) throw error;
      await sleep(500);
    }
  }
}

/** Our own locale and no libpq settings of the caller: both would change how the server behaves. */
function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(PG|LC_)/.test(name) && name !== 'LANG');
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

function idsOf(runAs: RunAs): { uid?: number; gid?: number } {
  return {
    ...(runAs.uid === undefined ? {} : { uid: runAs.uid }),
    ...(runAs.gid === undefined ? {} : { gid: runAs.gid }),
  };
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
  runAs: RunAs,
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
    const owner = await databaseOwner(dir);
    for (const path of owner ? [partial, passwordFile] : [])
      await chown(path, owner?.uid ?? 0, owner?.gid ?? 0);
    const args = [
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
    const [command = '', ...all] = [...runAs.prefix, program.initdb, ...args];
    const { code, output } = await runTool(command, all, { env, cwd: partial, ...idsOf(runAs) });
    if (code !== 0)
      throw new PostgresUnavailableError(`initdb failed (exit code ${code}):\n${output.trim()}\n`);
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
      : (await runTool('ps', ['-o', 'command=', '-p', String(pid)])).output;
  return command.includes('postgres') && command.includes(dir);
}
