import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir, findFreePort, projectDir, temporaryFolder } from '@headrace/local';
import type { Bench } from './bench.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

type Environment = Readonly<Record<string, string>>;

export interface ProcessOptions {
  /** Stands in messages about the process. */
  readonly name: string;
  /** The TypeScript file that Node runs. */
  readonly entry: string;
  /** Its whole environment, beside PATH and NODE_ENV=production. */
  readonly env: Environment;
}

/**
 * A process that is measured; whoever starts it stops it. It runs from source: types are stripped once, at the start, so
 * that the same JavaScript runs as in an image. Its output goes to a file, since reading it would take processor time.
 */
export class RunningProcess {
  readonly #name: string;
  readonly #dir: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #killAtExit = (): void => void this.#child.kill('SIGKILL');

  static async start({ name, entry, env }: ProcessOptions): Promise<RunningProcess> {
    const dir = await temporaryFolder('bench');
    const log = await open(`${dir}/log`, 'w');
    const args = ['--conditions=@headrace/source', '--enable-source-maps', entry];
    const defaults = { NODE_ENV: 'production', NODE_COMPILE_CACHE: `${cacheDir}/node` };
    const child = spawn(process.execPath, args, {
      cwd: projectDir,
      env: { PATH: process.env['PATH'], ...defaults, ...env },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
    const running = new RunningProcess(name, dir, child);
    try {
      await once(child, 'spawn');
    } catch (error) {
      await running.#cleanUp();
      throw error;
    } finally {
      await log.close();
    }
    return running;
  }

  private constructor(name: string, dir: string, child: ChildProcess) {
    this.#name = name;
    this.#dir = dir;
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
    child.on('error', () => undefined);
    process.on('exit', this.#killAtExit);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** A message for `process.on('message')` of the child. */
  send(message: string): void {
    this.#child.send(message);
  }

  /** Sends a message, and resolves to the next one that comes back. @throws Error if the process ends instead */
  async ask(message: string): Promise<unknown> {
    const answered = new AbortController();
    const answer = once(this.#child, 'message', { signal: answered.signal });
    const gone = this.#ended.then(() => Promise.reject(new Error(`${this.#name} ended before it answered`)));
    this.send(message);
    try {
      const [first] = await Promise.race([answer, gone]);
      return first;
    } finally {
      answered.abort();
      answer.catch(() => undefined);
    }
  }

  /** @throws Error with what it wrote last, if it has ended by itself */
  async requireAlive(): Promise<void> {
    if (!this.#hasEnded()) return;
    const output = await readFile(`${this.#dir}/log`, 'utf8').catch(() => '');
    throw new Error(`${this.#name} has ended by itself. It wrote:\n${output.slice(-2_000)}`);
  }

  /** SIGTERM, and SIGKILL after 10 s. May be called twice. */
  async stop(): Promise<void> {
    if (!this.#hasEnded()) {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      this.#child.kill('SIGTERM');
      await this.#ended;
      clearTimeout(timer);
    }
    await this.#cleanUp();
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #cleanUp(): Promise<void> {
    process.off('exit', this.#killAtExit);
    await rm(this.#dir, { recursive: true, force: true });
  }
}

export type ServerProcess = RunningProcess & { readonly url: string };

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
  const running = await RunningProcess.start({ ...options, env });
  try {
    await untilReady(url, running);
    return Object.assign(running, { url });
  } catch (error) {
    await running.stop();
    throw error;
  }
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
