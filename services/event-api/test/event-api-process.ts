import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@headrace/test-kit';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A process of the service, killed when the test is over. */
export interface EventApiProcess {
  readonly child: ChildProcess;
  readonly output: { text: string };
}

export function spawnEventApi(env: Readonly<Record<string, string>>): EventApiProcess {
  const child = spawn(process.execPath, ['--conditions=@headrace/source', main], {
    env: { PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output.text += chunk;
    });
  }
  return { child, output };
}

/** Where it listens; waits until it does. */
export async function urlOf({ output }: EventApiProcess): Promise<string> {
  return await eventually(() => /listening on (http:\/\/[\d.:]+)/.exec(output.text)?.[1] ?? false, {
    timeoutMs: 30_000,
  });
}

/** Waits until it takes requests; its URL. */
export async function ready(started: EventApiProcess): Promise<string> {
  const url = await urlOf(started);
  await eventually(async () => (await fetch(`${url}/health/ready`)).ok, { timeoutMs: 30_000 });
  return url;
}

export async function exitOf({ child }: EventApiProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
