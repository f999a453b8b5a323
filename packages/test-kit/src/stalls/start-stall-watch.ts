import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Stall } from './stall-watch.ts';

/** A process that only records when it stands still; as it does no other work, that was the whole machine. */
export interface StallWatchProcess {
  readonly pid: number;
  /** All up to now, in order. Rejects if the process has ended. */
  stalls(): Promise<readonly Stall[]>;
  /** Resolves when the process has ended. */
  close(): Promise<void>;
}

const program = fileURLToPath(new URL('stall-watch-process.ts', import.meta.url));

/** Resolves when the process watches. It ends when this process ends, also by a kill. */
export async function startStallWatch(): Promise<StallWatchProcess> {
  const child = fork(program, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await nextMessage(child);
  if (child.pid === undefined) throw new Error('The watch of stalls did not start.');
  return {
    pid: child.pid,
    stalls: async () => {
      const answer = nextMessage(child);
      child.send('stalls');
      return (await answer) as readonly Stall[];
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** The next message of the process; rejects if it ends first. */
async function nextMessage(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('The watch of stalls has ended.');
  });
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal }), ended])) as [unknown];
    return message;
  } finally {
    ended.catch(() => undefined);
    settled.abort();
  }
}
