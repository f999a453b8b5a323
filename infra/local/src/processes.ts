import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const rememberedLines = 40;

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildOptions {
  /** Stands in messages about the process. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The child's whole environment; nothing is inherited beside it. */
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** What asks the process to end by itself. Default SIGTERM; PostgreSQL's fast shutdown is SIGINT. */
  readonly stopSignal?: NodeJS.Signals;
  /** Called for every line of stdout and stderr. */
  readonly onLine?: (line: string) => void;
}

/** A running child process in its own process group: the terminal's Ctrl-C does not reach it. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  hasExited(): boolean;
  /** The last lines it wrote, for error messages. */
  lastLines(): string;
  /** Asks it to end, and kills it after `timeoutMs` (default 10 s). Resolves when it is gone. */
  stop(timeoutMs?: number): Promise<'stopped' | 'killed'>;
  /** Sends a signal; for SIGKILL resolves when the process is gone. */
  signal(signal: NodeJS.Signals): Promise<void>;
}

/** Children that run now, so that an unexpected exit of this process leaves none behind. */
const running = new Map<number, NodeJS.Signals>();
let exitHookInstalled = false;
const changeListeners = new Set<(pids: readonly number[]) => void>();

/** Calls the listener with the ids of all running children whenever one starts or ends; returns how to end that. */
export function onChildrenChange(listener: (pids: readonly number[]) => void): () => void {
  changeListeners.add(listener);
  return () => changeListeners.delete(listener);
}

function childrenChanged(): void {
  for (const listener of changeListeners) listener([...running.keys()]);
}

/** Starts a process; throws when it cannot be started at all. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C goes to the whole foreground group: only with their own groups can services end before servers.
    detached: true,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
    if (lines.length > rememberedLines) lines.shift();
    options.onLine?.(line);
  };
  if (child.stdout) createInterface({ input: child.stdout }).on('line', onLine);
  if (child.stderr) createInterface({ input: child.stderr }).on('line', onLine);

  const exited = new Promise<ChildExit>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const pid = await startedPid(child, options);
  const stopSignal = options.stopSignal ?? 'SIGTERM';
  track(pid, stopSignal);
  child.once('exit', () => {
    running.delete(pid);
    childrenChanged();
  });
  return new SpawnedChild(options.name, pid, child, exited, stopSignal, lines);
}

class SpawnedChild implements Child {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  readonly #child: ChildProcess;
  readonly #stopSignal: NodeJS.Signals;
  readonly #lines: readonly string[];

  constructor(
    name: string,
    pid: number,
    child: ChildProcess,
    exited: Promise<ChildExit>,
    stopSignal: NodeJS.Signals,
    lines: readonly string[],
  ) {
    this.name = name;
    this.pid = pid;
    this.exited = exited;
    this.#child = child;
    this.#stopSignal = stopSignal;
    this.#lines = lines;
  }

  hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  lastLines(): string {
    return this.#lines.join('\n');
  }

  async stop(timeoutMs = 10_000): Promise<'stopped' | 'killed'> {
    if (this.hasExited()) return 'stopped';
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.#killGroup();
    }, timeoutMs);
    this.#child.kill(this.#stopSignal);
    // A stopped (SIGSTOP) process would not see the signal before it is continued.
    this.#child.kill('SIGCONT');
    await this.exited;
    clearTimeout(timer);
    return killed ? 'killed' : 'stopped';
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    if (this.hasExited()) return;
    this.#child.kill(signal);
    if (signal === 'SIGKILL') await this.exited;
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }
}

async function startedPid(child: ChildProcess, options: ChildOptions): Promise<number> {
  if (child.pid !== undefined) {
    child.on('error', () => undefined);
    return child.pid;
  }
  const [error] = (await once(child, 'error')) as [Error];
  throw new Error(`${options.name} could not be started: ${error.message}`, { cause: error });
}

function track(pid: number, stopSignal: NodeJS.Signals): void {
  running.set(pid, stopSignal);
  childrenChanged();
  if (exitHookInstalled) return;
  exitHookInstalled = true;
  process.on('exit', () => {
    for (const [childPid, signal] of running) {
      try {
        process.kill(childPid, signal);
      } catch {
        // It has just ended by itself.
      }
    }
  });
}

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * What tells a process from a later one with the same id: boot id and start time, from Linux's /proc. Elsewhere
 * an empty string, so that the id alone counts. Undefined when the process does not exist (or is a zombie).
 */
export function processIdentity(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== 'linux') return '';
  try {
    // The second field (the command) may hold blanks and brackets; the rest starts behind the last ")".
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return isAlive(pid) ? '' : undefined;
  }
}

/** The tool's output, or undefined when it is missing or fails; for probing what the machine has. */
export async function outputOf(
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs?: number; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string | undefined> {
  const result = await runTool(command, args, options).catch(() => undefined);
  return result?.code === 0 ? result.output : undefined;
}

/** Runs a tool to its end and returns its exit code and joined output; rejects when it cannot be started. */
export function runTool(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly timeoutMs?: number;
    readonly env?: NodeJS.ProcessEnv;
    readonly uid?: number;
    readonly gid?: number;
  } = {},
): Promise<{ readonly code: number | null; readonly output: string }> {
  const { timeoutMs, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...spawnOptions,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
