import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

/** The service as a process of its own, killed when the test is over. */
export interface ServiceProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Ends it as a crash does. */
  crash(): Promise<void>;
}

/** Starts `main.ts`, and finds its URL in its log. */
export async function startProcess(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const settings = { HOST: '127.0.0.1', PORT: '0', LOG_PARTITIONS: '4', DURABILITY: 'memory', ...env };
  const child = spawn(process.execPath, ['--conditions=@headrace/source', MAIN], {
    env: settings,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = await urlInLog(child.stdout);
  // nobody reads on, and a full pipe would stop the process
  child.stdout.resume();
  return {
    child,
    url,
    crash: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function urlInLog(log: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    const url = /listening on (http:\/\/[^"\s]+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('the process ended before it listened');
}
