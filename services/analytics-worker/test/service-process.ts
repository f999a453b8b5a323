import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { eventually } from '@headrace/test-kit';
import { expect } from 'vitest';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/** A real process of the service. */
export interface ServiceProcess {
  /** The parsed answer; fails when it is not 200. */
  ask(path: string): Promise<Record<string, unknown>>;
  /** Sends a signal and waits for the end: exit code and signal. */
  end(signal: NodeJS.Signals): Promise<readonly unknown[]>;
  /** How it ends, by itself too: exit code and signal. */
  readonly ended: Promise<readonly unknown[]>;
  /** All that it has logged. */
  output(): string;
}

const running = new Set<ChildProcess>();

/** For `afterEach`: nothing stays behind when a test fails. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
}

/** Starts the service on a free port; resolves as soon as it listens, ready or not. */
export async function startService(env: Readonly<Record<string, string>>): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ['--conditions=@headrace/source', MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PORT: '0', LEASE_MS: '1000', DURABILITY: 'memory', ...env },
  });
  running.add(child);
  const ended = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const url = await eventually(() => /is listening on (http:\/\/[\d.:]+)/.exec(output)?.[1] ?? false, {
    what: 'the service listening',
  });
  return {
    ask: async (path) => {
      const response = await fetch(url + path);
      const body = await response.text();
      expect(response.status, `${path}: ${body}`).toBe(200);
      return JSON.parse(body);
    },
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
    ended,
    output: () => output,
  };
}
