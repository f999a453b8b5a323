import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { requireFreePort } from '../ports.ts';
import { ManagedProcess, type ProcessCallbacks } from '../processes/managed-process.ts';
import { outputOf } from '../processes/run-tool.ts';
import { projectDir } from '../project-paths.ts';
import type { LocalServer } from './local-server.ts';
import { findRedis, type RedisProgram } from './redis-program.ts';

/** Repairs what a kill in the middle of a write has left, and becomes the server. */
const startScript = `${projectDir}/infra/redis/start.sh`;

export interface RedisOptions extends ProcessCallbacks {
  /** Holds the append-only file; created when missing. */
  readonly dir: string;
  readonly port: number;
  /** Default `always`: what was acknowledged survives kill -9 and a power cut. */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** More settings, such as `{ maxmemory: '50mb' }`; they win over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default `process.env`: PATH, and HEADRACE_CONTAINERS=off to exclude Docker. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a Redis on loopback that keeps its data in `dir`. Resolves when it answers PING. */
export async function startRedis(options: RedisOptions): Promise<LocalServer> {
  const { port, env = process.env } = options;
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });
  const program = await findRedis(env, options.onMessage ?? (() => undefined));
  await requireFreePort(port, 'Redis', 'REDIS_PORT');
  let container = '';
  return await new ManagedProcess({
    ...options,
    name: 'Redis',
    url: `redis://127.0.0.1:${port}`,
    command: () => {
      // A new name each time: the engine removes a killed container some time later.
      container = `headrace-redis-${randomUUID()}`;
      const start = commandLine(program, { ...options, dir }, container);
      return { ...start, env: { ...env, ...start.env } };
    },
    probe: () => ping(port),
    readyTimeoutMs: 60_000,
    stopTimeoutMs: 10_000,
    ...(program.kind === 'docker'
      ? { afterKill: () => outputOf('docker', ['kill', container], { timeout: 20_000 }) }
      : {}),
  }).start();
}

function commandLine(
  program: RedisProgram,
  options: RedisOptions,
  container: string,
): { command: string; args: string[]; env: Readonly<Record<string, string>> } {
  if (program.kind === 'program') {
    const args = settingsOf(options, { port: String(options.port), bind: '127.0.0.1', dir: options.dir });
    const env = { ...program.env, DATA_DIR: options.dir };
    return { command: startScript, args: [program.command, ...args], env };
  }
  const user = process.getuid && process.getgid ? ['--user', `${process.getuid()}:${process.getgid()}`] : [];
  const publish = ['--publish', `127.0.0.1:${options.port}:6379`, '--volume', `${options.dir}:/data`];
  const script = ['--volume', `${startScript}:/start.sh:ro`];
  // Inside the container only the published port leads to it, so it may listen on all of its own addresses.
  const inside = settingsOf(options, { port: '6379', bind: '*', dir: '/data', 'protected-mode': 'no' });
  const run = ['run', '--rm', '--name', container, ...user, ...publish, ...script, program.image];
  const args = [...run, '/start.sh', 'redis-server', ...inside];
  return { command: 'docker', args, env: {} };
}

function settingsOf(options: RedisOptions, place: Readonly<Record<string, string>>): string[] {
  const settings = {
    ...place,
    appendonly: 'yes',
    appendfsync: options.appendfsync ?? 'always',
    // Otherwise an append would not be synced while the file is being rewritten.
    'no-appendfsync-on-rewrite': 'no',
    // With any other policy Redis would evict the log itself when memory is full.
    'maxmemory-policy': 'noeviction',
    // The append-only file is the durable copy; snapshots beside it would only cost a fork.
    save: '',
    daemonize: 'no',
    ...options.settings,
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

/** Speaks the protocol by hand: a client library would retry and hide why the server does not answer yet. */
function ping(port: number): Promise<void> {
  return new Promise((resolvePing, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setTimeout(2000, () => socket.destroy(new Error('no answer to PING')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed')));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      const text = answer.toString('utf8').trim();
      if (text === '+PONG') resolvePing();
      else reject(new Error(text));
      socket.destroy();
    });
  });
}
