import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir } from './paths.ts';
import { outputOf, processIdentity, runTool } from './processes.ts';

/**
 * A server from the distribution without root: apt downloads its packages with list and cache folders of our own (the
 * machine's may be missing or unreadable), dpkg unpacks them into the project's cache. Nothing is installed.
 */

/** What to download, and what of it to run. */
export interface AptProgram {
  /** For people, such as `Redis`. */
  readonly name: string;
  /** Its packages, the one that apt would be asked to install first. */
  readonly packages: readonly [string, ...string[]];
  /** Where the program is, such as `usr/bin/redis-server`, and what makes it end at once with 0. */
  readonly path: string;
  readonly probe: string;
  /** Used when apt cannot compute what is missing; names differ between releases, so each is tried alone. */
  readonly likelyLibraries: readonly string[];
}

export interface UnpackedProgram {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A program to test with: on the PATH, or the distribution's package unpacked into the project's cache. Undefined where
 * neither can be had, such as without a network.
 */
export async function findForTests(
  program: AptProgram,
  env: NodeJS.ProcessEnv,
): Promise<UnpackedProgram | undefined> {
  const command = basename(program.path);
  if ((await outputOf(command, [program.probe], { env, timeoutMs: 5000 })) !== undefined)
    return { command, env: {} };
  if (!(await canDownloadPrograms())) return undefined;
  return await unpackedProgram(program, `${cacheDir}/${command}`, () => undefined).catch(() => undefined);
}

/** Whether this machine has the tools for it (Debian, Ubuntu and their relatives). */
export async function canDownloadPrograms(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const tools = await Promise.all([
    outputOf('apt-get', ['--version'], { timeoutMs: 5000 }),
    outputOf('dpkg', ['--version'], { timeoutMs: 5000 }),
  ]);
  return tools.every((answer) => answer !== undefined);
}

/**
 * The program in `dir`, downloaded first if it is not there or does not run. Safe to call from several processes
 * at once: one downloads, into a folder that gets its name only when its server has run, and the others wait.
 */
export async function unpackedProgram(
  program: AptProgram,
  dir: string,
  onProgress: (message: string) => void,
): Promise<UnpackedProgram> {
  const present = await workingProgram(program, dir);
  if (present) return present;
  return withLock(`${dir}.lock`, async () => {
    const meanwhile = await workingProgram(program, dir);
    if (meanwhile) return meanwhile;
    onProgress(
      `Downloading the distribution’s ${program.name} into the project’s cache (once, no root needed) …`,
    );
    const partial = `${dir}.partial-${process.pid}`;
    try {
      await downloadInto(program, partial);
      if (!(await workingProgram(program, partial)))
        throw new Error(`the unpacked ${program.name} does not run`);
      await rm(dir, { recursive: true, force: true });
      await rename(partial, dir);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    const unpacked = await workingProgram(program, dir);
    if (!unpacked) throw new Error(`the ${program.name} unpacked into ${dir} does not run`);
    return unpacked;
  });
}

async function workingProgram(
  { path, probe }: AptProgram,
  dir: string,
): Promise<UnpackedProgram | undefined> {
  const command = `${dir}/root/${path}`;
  const env = { LD_LIBRARY_PATH: (await libraryFolders(`${dir}/root`)).join(':') };
  const answer = await outputOf(command, [probe], {
    env: { ...process.env, ...env },
    timeoutMs: 10_000,
  });
  return answer === undefined ? undefined : { command, env };
}

/** `usr/lib`, `lib` and their architecture folders (`usr/lib/x86_64-linux-gnu`). */
async function libraryFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const base of [`${root}/usr/lib`, `${root}/lib`]) {
    const entries = await readdir(base, { withFileTypes: true }).catch(() => []);
    folders.push(
      base,
      ...entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${base}/${name}`),
    );
  }
  return folders;
}

async function downloadInto(program: AptProgram, dir: string): Promise<void> {
  const debs = `${dir}/debs`;
  const root = `${dir}/root`;
  await mkdir(debs, { recursive: true });
  await mkdir(root, { recursive: true });
  const apt = await aptWithOwnFolders(`${dir}/apt`);
  await runOrThrow('apt-get', ['update', ...apt], dir);

  await runOrThrow('apt-get', ['download', ...program.packages, ...apt], debs);
  const missing = await missingLibraries(program, apt);
  if (missing) {
    if (missing.length > 0) await runOrThrow('apt-get', ['download', ...missing, ...apt], debs);
  } else {
    for (const name of program.likelyLibraries)
      await runTool('apt-get', ['download', name, ...apt], { cwd: debs });
  }
  for (const file of await readdir(debs)) {
    if (file.endsWith('.deb')) await runOrThrow('dpkg', ['-x', `${debs}/${file}`, root], dir);
  }
  await rm(debs, { recursive: true });
  await rm(`${dir}/apt`, { recursive: true });
}

async function aptWithOwnFolders(dir: string): Promise<string[]> {
  await mkdir(`${dir}/lists/partial`, { recursive: true });
  await mkdir(`${dir}/cache/archives/partial`, { recursive: true });
  return [
    `Dir::State::Lists=${dir}/lists`,
    `Dir::Cache=${dir}/cache`,
    // As root, apt would download as the user _apt, who may not enter the project's folder.
    'APT::Sandbox::User=root',
    'Debug::NoLocking=1',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
}

/** The packages an installation would add beside the programs; undefined when apt cannot tell. */
async function missingLibraries(
  { packages }: AptProgram,
  apt: readonly string[],
): Promise<string[] | undefined> {
  const plan = await runTool('apt-get', [
    'install',
    '--print-uris',
    '--yes',
    '--no-install-recommends',
    packages[0],
    ...apt,
  ]);
  if (plan.code !== 0) return undefined;
  const names = [...plan.output.matchAll(/^'[^']+' ([^_\s]+)_\S+\.deb /gm)].map((match) => match[1] ?? '');
  return names.filter((name) => name !== '' && !packages.includes(name));
}

async function runOrThrow(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await runTool(command, args, { cwd, timeoutMs: 180_000 });
  if (code === 0) return;
  throw new Error(`${command} ${args[0]} failed (exit code ${code}):\n${output.trim().slice(-1500)}`);
}

/** Runs `work` while holding the lock folder; takes over the lock of a process that no longer exists. */
async function withLock<T>(lock: string, work: () => Promise<T>): Promise<T> {
  await mkdir(lock.slice(0, lock.lastIndexOf('/')), { recursive: true });
  const mine = `${lock}/${process.pid}`;
  for (;;) {
    try {
      await mkdir(lock);
      await mkdir(mine);
      break;
    } catch {
      await removeAbandonedLock(lock);
      await sleep(200);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function removeAbandonedLock(lock: string): Promise<void> {
  const [holder] = await readdir(lock).catch(() => []);
  if (holder === undefined) return;
  if (processIdentity(Number(holder)) !== undefined) return;
  // Renamed first, so that of several waiting processes only one removes it, and never a newer lock.
  const removed = `${lock}.abandoned-${process.pid}`;
  await rename(lock, removed).catch(() => undefined);
  await rm(removed, { recursive: true, force: true });
}
