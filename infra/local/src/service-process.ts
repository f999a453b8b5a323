import { createRequire } from 'node:module';
import { cacheDir, projectDir } from './paths.ts';
import { findFreePort, requireFreePort } from './ports.ts';
import { startChild } from './processes.ts';
import type { PlannedInstance } from './services.ts';
import { Supervised } from './supervised.ts';
import { waitUntil } from './waiting.ts';

/** A running service process. */
export interface ServiceInstance {
  readonly name: string;
  /** `email-worker`, or `email-worker-2` when there are several. */
  readonly id: string;
  readonly url: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** Sends a signal, by default SIGKILL. After a deadly one it stays down until `restart`. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and waits until it is ready. */
  restart(): Promise<void>;
}

export interface ServiceProcessOptions {
  /** The services' whole environment, except for HOST, PORT and INSTANCE_ID, which are set here. */
  readonly env: NodeJS.ProcessEnv;
  /** Restart on changed files (tsx watch). */
  readonly watch: boolean;
  readonly restartUnasked: boolean;
  readonly readyTimeoutMs: number;
  readonly onLine: (id: string, line: string) => void;
  readonly onMessage: (message: string) => void;
}

/** Prepares a service; `start` of the returned supervisor starts it and waits for `/health/ready`. */
export async function prepareService(
  planned: PlannedInstance,
  scaled: boolean,
  options: ServiceProcessOptions,
): Promise<{ readonly instance: ServiceInstance; start(): Promise<void> }> {
  const port = await portFor(planned);
  const url = `http://127.0.0.1:${port}`;
  const env: NodeJS.ProcessEnv = {
    // Node keeps what it made of the TypeScript: a third less work for every start but the first.
    NODE_COMPILE_CACHE: `${cacheDir}/node`,
    ...options.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(scaled ? { INSTANCE_ID: planned.id } : {}),
  };
  const supervised = new Supervised({
    name: planned.id,
    launch: () =>
      startChild({
        name: planned.id,
        command: process.execPath,
        args: nodeArgs(planned.service.entry, options.watch),
        cwd: projectDir,
        env,
        onLine: (line) => options.onLine(planned.id, line),
      }),
    ready: (child, signal) =>
      waitUntil(() => requireReady(url), {
        what: planned.id,
        timeoutMs: options.readyTimeoutMs,
        intervalMs: 100,
        signal,
        // Under tsx watch the child is the watcher, which goes on when the service ends.
        child,
      }),
    stopTimeoutMs: 15_000,
    restartUnasked: options.restartUnasked,
    onMessage: options.onMessage,
  });
  return { instance: instanceOf(supervised, planned, url, port), start: () => supervised.start() };
}

function portFor(planned: PlannedInstance): Promise<number> {
  if (planned.port === undefined) return findFreePort();
  return requireFreePort(planned.port, planned.id, 'HEADRACE_PORT_BASE');
}

/** Node runs TypeScript by itself; only watching needs tsx. */
function nodeArgs(entry: string, watch: boolean): string[] {
  const fromSource = '--conditions=@headrace/source';
  if (!watch) return [fromSource, '--enable-source-maps', entry];
  const tsx = createRequire(`${projectDir}/package.json`).resolve('tsx/cli');
  return [tsx, 'watch', '--clear-screen=false', fromSource, entry];
}

async function requireReady(url: string): Promise<void> {
  const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) });
  const body = await response.text();
  if (!response.ok) throw new Error(`/health/ready answers ${response.status}: ${body.slice(0, 300)}`);
}

function instanceOf(
  supervised: Supervised,
  planned: PlannedInstance,
  url: string,
  port: number,
): ServiceInstance {
  return {
    name: planned.service.name,
    id: planned.id,
    url,
    port,
    get pid() {
      return supervised.pid;
    },
    stop: () => supervised.stop(),
    kill: (signal) => supervised.kill(signal),
    restart: () => supervised.restart(),
  };
}
