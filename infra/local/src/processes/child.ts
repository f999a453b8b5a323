import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const REMEMBERED_LINES = 40;

/** What to run, and as whom. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** The child's whole environment; nothing is inherited beside it. */
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

export interface ChildOptions extends ChildCommand {
  /** Stands in messages about the process. */
  readonly name: string;
  /** Asks the process to end by itself. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals | undefined;
  /** Called for every line of stdout and stderr. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Children that run now, so that they end with this process. */
const running = new Set<Child>();
const changeListeners = new Set<(pids: readonly number[]) => void>();

/** Calls the listener with the ids of all running children whenever one starts or ends; returns how to unsubscribe. */
export function onChildrenChange(listener: (pids: readonly number[]) => void): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

function childrenChanged(): void {
  for (const listener of changeListeners) listener([...running].map(({ pid }) => pid));
}

process.on('exit', () => {
  for (const child of running) child.askToStop();
});

/**
 * A child process in a process group of its own: Ctrl-C goes to the whole foreground group of a terminal, and must not
 * end servers before the services that use them. It is asked to stop when this process exits.
 */
export class Child {
  /** Resolves when the process has ended and its output has been read. */
  readonly exited: Promise<ChildExit>;
  readonly #process: ChildProcess;
  readonly #stopSignal: NodeJS.Signals;
  readonly #lines: string[] = [];

  /** Throws if the process cannot be started at all. */
  static async start(options: ChildOptions): Promise<Child> {
    const child = new Child(options);
    await once(child.#process, 'spawn').catch((cause: Error) => {
      throw new Error(`${options.name} could not be started: ${cause.message}`, { cause });
    });
    child.#process.on('error', () => undefined);
    running.add(child);
    child.#process.once('exit', () => {
      running.delete(child);
      childrenChanged();
    });
    childrenChanged();
    return child;
  }

  private constructor({ command, args, onLine, stopSignal = 'SIGTERM', ...options }: ChildOptions) {
    const { cwd, env, uid, gid } = options;
    const child = spawn(command, args, {
      ...{ cwd, env, uid, gid },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
        onLine?.(line);
      });
    }
    this.#process = child;
    this.#stopSignal = stopSignal;
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get hasExited(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** The last lines it wrote, for error messages. */
  get lastLines(): string {
    return this.#lines.join('\n');
  }

  /** Sends the stop signal and does not wait. */
  askToStop(): void {
    this.#process.kill(this.#stopSignal);
    // A stopped (SIGSTOP) process would not see the signal before it is continued.
    this.#process.kill('SIGCONT');
  }

  /** Asks it to end, and kills its group after `timeoutMs`. Resolves when it is gone. */
  async stop(timeoutMs: number): Promise<'stopped' | 'killed'> {
    if (this.hasExited) return 'stopped';
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.#killGroup();
    }, timeoutMs);
    this.askToStop();
    await this.exited;
    clearTimeout(timer);
    return killed ? 'killed' : 'stopped';
  }

  /** Sends a signal and does not wait; does nothing if the process has exited. */
  signal(signal: NodeJS.Signals): void {
    if (!this.hasExited) this.#process.kill(signal);
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      this.#process.kill('SIGKILL');
    }
  }
}
