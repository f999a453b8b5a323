import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir, findFreePort, projectDir } from '@headrace/local';
import type { Bench } from './bench.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

type Environment = Readonly<Record<string, string>>;

export interface ProcessOptions {
  /** Stands in messages about the process. */
  readonly name: string;
  /** The TypeScript file that Node runs. */
  readonly entry: string;
  /** All that it sees of the environment, beside PATH and NODE_ENV=production. */
  readonly env: Environment;
}

/** A child process; whoever started it stops it. */
export interface RunningProcess {
  readonly pid: number;
  /** A message for `process.on('message')` of the child. */
  send(message: string): void;
  /** Sends a message, and resolves with the next one that comes back. @throws Error when the process ends instead */
  ask(message: string): Promise<unknown>;
  /** @throws Error with what it wrote last, when it has ended by itself */
  requireAlive(): Promise<void>;
  /** SIGTERM, and SIGKILL after 10 s. May be called twice. */
  stop(): Promise<void>;
}

export interface ServerProcess extends RunningProcess {
  readonly url: string;
}

/** One of our services with its production settings, on a free port, ready. */
export function startService(bench: Bench, name: string, env: Environment = {}): Promise<ServerProcess> {
  return startServer({
    name,
    entry: `${projectDir}/services/${name}/src/main.ts`,
    env: { REDIS_URL: bench.redis.url, DATABASE_URL: bench.postgres.url, ...env },
  });
}

/** A process that listens on `PORT` of loopback; resolves when its `/health/ready` answers 200. */
export async function startServer(options: ProcessOptions): Promise<ServerProcess> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ...options.env, HOST: '127.0.0.1', PORT: String(port) };
  const running = await startProcess({ ...options, env });
  try {
    await untilReady(url, running);
    return { ...running, url };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/**
 * Node from source: types are stripped once, at the start, so that what runs is the JavaScript that an image holds.
 * Output goes to a file, since reading it would take time from what is measured.
 */
export async function startProcess({ name, entry, env }: ProcessOptions): Promise<RunningProcess> {
  const dir = await mkdtemp(`${tmpdir()}/headrace-bench-`);
  const logPath = `${dir}/${name}.log`;
  const log = await open(logPath, 'w');
  const child = spawn(process.execPath, ['--conditions=@headrace/source', '--enable-source-maps', entry], {
    cwd: projectDir,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NODE_COMPILE_CACHE: `${cacheDir}/node`,
      ...env,
    },
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const ended = once(child, 'exit');
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.on('exit', killAtExit);
  const tidy = async (): Promise<void> => {
    process.off('exit', killAtExit);
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await once(child, 'spawn');
  } catch (error) {
    await tidy();
    throw error;
  } finally {
    await log.close();
  }
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.send(message),
    ask: async (message) => {
      const answered = new AbortController();
      const answer = once(child, 'message', { signal: answered.signal });
      const gone = ended.then(() => Promise.reject(new Error(`${name} ended before it answered`)));
      child.send(message);
      try {
        const [first] = await Promise.race([answer, gone]);
        return first;
      } finally {
        answered.abort();
        answer.catch(() => undefined);
      }
    },
    requireAlive: async () => {
      if (!hasEnded(child)) return;
      const output = await readFile(logPath, 'utf8').catch(() => '');
      throw new Error(`${name} has ended by itself. It wrote:\n${output.slice(-2_000)}`);
    },
    stop: async () => {
      await end(child, ended);
      await tidy();
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (hasEnded(child)) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

async function untilReady(url: string, running: RunningProcess): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await isReady(url))) {
    await running.requireAlive();
    if (performance.now() > deadline) throw new Error(`${url} is not ready within ${READY_TIMEOUT_MS} ms`);
    await sleep(50);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
