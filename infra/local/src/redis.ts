import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { projectDir } from './paths.ts';
import { requireFreePort } from './ports.ts';
import { outputOf, startChild } from './processes.ts';
import { findRedis, type RedisProgram } from './redis-binary.ts';
import { type LocalServer, serverOf } from './server.ts';
import { Supervised } from './supervised.ts';
import { waitUntil } from './waiting.ts';

/** Mends what a kill in the middle of a write has left, and becomes the server. */
const startScript = `${projectDir}/infra/redis/start.sh`;

export interface RedisOptions {
  /** Holds the append-only file; created when missing. */
  readonly dir: string;
  readonly port: number;
  /** Default `always`: what was acknowledged survives kill -9 and a power cut. */
  readonly appendfsync?: 'always' | 'everysec' | 'no';
  /** More settings, such as `{ maxmemory: '50mb' }`; they win over the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default `process.env`: PATH, and HEADRACE_CONTAINERS=off to leave Docker out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly restartUnasked?: boolean;
  readonly onLine?: (line: string) => void;
  readonly onMessage?: (message: string) => void;
}

/** Starts a Redis on loopback that keeps its data in `dir`. Resolves when it answers PING. */
export async function startRedis(options: RedisOptions): Promise<LocalServer> {
  const env = options.env ?? process.env;
  const dir = resolve(options.dir);
  await mkdir(dir, { recursive: true });
  const program = await findRedis(env, options.onMessage ?? (() => undefined));
  await requireFreePort(options.port, 'Redis', 'REDIS_PORT');
  let container = '';
  const supervised = new Supervised({
    name: 'Redis',
    launch: () => {
      // a name of its own each time: the engine removes a killed container in its own time
      container = `headrace-redis-${randomUUID()}`;
      const start = commandLine(program, { ...options, dir }, container);
      return startChild({
        name: 'Redis',
        ...start,
        env: { ...env, ...start.env },
        ...(options.onLine ? { onLine: options.onLine } : {}),
      });
    },
    ready: (child, signal) =>
      waitUntil(() => ping(options.port), { what: 'Redis', timeoutMs: 60_000, child, signal }),
    stopTimeoutMs: 10_000,
    restartUnasked: options.restartUnasked ?? false,
    ...(options.onMessage ? { onMessage: options.onMessage } : {}),
  });
  await supervised.start();
  const killContainer = () => outputOf('docker', ['kill', container], { timeoutMs: 20_000 });
  return serverOf(
    supervised,
    `redis://127.0.0.1:${options.port}`,
    options.port,
    program.kind === 'docker' ? { killContainer } : {},
  );
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
  const args = [
    'run',
    '--rm',
    '--name',
    container,
    ...user,
    ...publish,
    ...script,
    program.image,
    '/start.sh',
    'redis-server',
    ...inside,
  ];
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
