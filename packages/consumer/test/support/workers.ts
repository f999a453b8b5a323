import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EventStore } from '@headrace/event-store';
import { afterEach } from 'vitest';
import type { DeathPoint } from './die-at.ts';
import { useStore } from './orders.ts';

/** Of every worker, ms. */
export const leaseMs = 1_000;

export interface Effect {
  readonly instance: string;
  readonly stream: string;
  readonly text: string;
}

/** Worker processes on a log of their own; killed after each test. */
export interface Workers {
  readonly partitions: number;
  readonly store: () => EventStore;
  start(group: string, instance: string, death?: DeathPoint): ChildProcess;
  effectsOf(group: string): Promise<Effect[]>;
}

export function useWorkers(partitions = 4): Workers {
  const { store, url, prefix } = useStore(partitions);
  const children: ChildProcess[] = [];
  afterEach(async () => {
    await Promise.all(children.splice(0).map(killed));
  });
  return {
    partitions,
    store,
    start: (group, instance, death) => {
      const options = JSON.stringify({ url, prefix, partitions, group, instance, leaseMs, death });
      const file = fileURLToPath(new URL('../fixtures/worker.ts', import.meta.url));
      const child = spawn(process.execPath, ['--conditions=@headrace/source', file, options], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      children.push(child);
      return child;
    },
    effectsOf: async (group) => {
      const lines = await store().redis.lrange(`${prefix}:effects:${group}`, 0, -1);
      return lines.map((line) => JSON.parse(line) as Effect);
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Repeats are allowed, going back is not: at least once, in order. */
export function inOrder(effects: readonly Effect[], stream: string): number[] {
  const steps = effects.filter((effect) => effect.stream === stream).map(({ text }) => Number(text));
  return steps.filter((step, i) => !steps.slice(0, i).includes(step));
}
