import { createRequire } from 'node:module';
import { findFreePort, requireFreePort } from './ports.ts';
import { ManagedProcess } from './processes/managed-process.ts';
import { cacheDir, projectDir } from './project-paths.ts';
import type { PlannedInstance } from './services.ts';

/** A process of a service. */
export type ServiceInstance = ManagedProcess & {
  /** Of the service, such as `email-worker`. */
  readonly name: string;
  /** `email-worker`, or `email-worker-2` if there are several. */
  readonly id: string;
};

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

/** Prepares a service; `start` of the result starts it and waits for `/health/ready`. */
export async function prepareService(
  { service, id, port: plannedPort, scaled }: PlannedInstance,
  { watch, onLine, ...options }: ServiceProcessOptions,
): Promise<ServiceInstance> {
  const port =
    plannedPort === undefined
      ? await findFreePort()
      : await requireFreePort(plannedPort, id, 'HEADRACE_PORT_BASE');
  const url = `http://127.0.0.1:${port}`;
  const env: NodeJS.ProcessEnv = {
    // Node keeps what it made of the TypeScript: a third less work for every start but the first.
    NODE_COMPILE_CACHE: `${cacheDir}/node`,
    ...options.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(scaled ? { INSTANCE_ID: id } : {}),
  };
  const managed = new ManagedProcess({
    ...options,
    name: id,
    url,
    port,
    command: () => ({
      command: process.execPath,
      args: nodeArgs(service.entry, watch),
      cwd: projectDir,
      env,
    }),
    // Under tsx watch the process is the watcher, which goes on when the service ends.
    probe: () => requireReady(url),
    probeIntervalMs: 100,
    stopTimeoutMs: 15_000,
    onLine: (line) => onLine(id, line),
  });
  return Object.assign(managed, { name: service.name, id });
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
