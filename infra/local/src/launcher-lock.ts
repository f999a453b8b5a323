import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from './processes/process-identity.ts';

/** Another launcher runs on the same data. */
export class AlreadyRunningError extends Error {
  readonly code = 'ALREADY_RUNNING';
  readonly pid: number;

  constructor(pid: number, dataDir: string) {
    super(
      `The system already runs on ${dataDir} (process ${pid}). Stop it with Ctrl-C where it was started, or run a ` +
        'second one beside it with --data <another folder> and other ports (see --help).',
    );
    this.name = 'AlreadyRunningError';
    this.pid = pid;
  }
}

interface KnownProcess {
  readonly pid: number;
  /** Tells it from a later process with the same id. */
  readonly identity: string;
}

interface LockContent {
  readonly launcher: KnownProcess;
  readonly children: readonly KnownProcess[];
}

/** Reserves the data folder for one launcher, and records its processes in case it is killed. */
export interface LauncherLock {
  /** Records the processes that run now; if this launcher is killed, the next one ends them. */
  remember(pids: readonly number[]): void;
  release(): Promise<void>;
}

const lockFile = 'launcher.json';

/**
 * Reserves the data folder; throws {@link AlreadyRunningError} while another launcher runs on it. Processes that a killed
 * launcher left behind are ended first.
 */
export async function lockDataDir(
  dataDir: string,
  onMessage: (message: string) => void,
): Promise<LauncherLock> {
  await mkdir(dataDir, { recursive: true });
  const file = `${dataDir}/${lockFile}`;
  const launcher: KnownProcess = { pid: process.pid, identity: processIdentity(process.pid) ?? '' };
  const content = (children: readonly KnownProcess[]): string =>
    JSON.stringify({ launcher, children }, null, 2);
  for (;;) {
    try {
      await writeFile(file, content([]), { flag: 'wx' });
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      await removeStaleLock(dataDir, onMessage);
    }
  }
  return {
    remember: (pids) => {
      const children = pids.map((pid) => ({ pid, identity: processIdentity(pid) ?? 'gone' }));
      // Renamed, so that a reader never sees half a file.
      writeFileSync(`${file}.new`, content(children));
      renameSync(`${file}.new`, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** Throws while a launcher runs; else ends the processes that a killed one left behind, and removes its lock. */
export async function removeStaleLock(dataDir: string, onMessage: (message: string) => void): Promise<void> {
  const file = `${dataDir}/${lockFile}`;
  const content = await readLock(file);
  if (content && isSame(content.launcher)) throw new AlreadyRunningError(content.launcher.pid, dataDir);
  const left = content?.children.filter(isSame) ?? [];
  if (left.length > 0) {
    onMessage(`Ending ${left.length} processes that a killed launcher left behind …`);
    await endAll(left);
  }
  await rm(file, { force: true });
}

async function endAll(processes: readonly KnownProcess[]): Promise<void> {
  // SIGINT is a graceful stop for services, for Redis, and ("fast shutdown") for PostgreSQL.
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    for (const { pid } of processes.filter(isSame)) process.kill(pid, signal);
    for (let waitedMs = 0; processes.some(isSame) && waitedMs < 10_000; waitedMs += 100) await sleep(100);
  }
}

function isSame({ pid, identity }: KnownProcess): boolean {
  return processIdentity(pid) === identity;
}

async function readLock(file: string): Promise<LockContent | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as LockContent;
  } catch {
    // Being written at this moment, or truncated by a full disk: its holder is not known.
    return undefined;
  }
}
