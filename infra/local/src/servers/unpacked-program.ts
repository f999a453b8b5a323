import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { outputOf, runTool } from '../processes/run-tool.ts';
import { cacheDir } from '../project-paths.ts';

/**
 * A server from the distribution without root: apt downloads its packages with list and cache folders of our own (the
 * machine's may be missing or unreadable), dpkg unpacks them into the project's cache. Nothing is installed.
 */

/** What to download, and what of it to run. */
export interface DebianProgram {
  /** For people, such as `Redis`. */
  readonly name: string;
  /** Its packages, first the one that is passed to `apt-get install` to learn what it depends on. */
  readonly packages: readonly [string, ...string[]];
  /** Where the program is, such as `usr/bin/redis-server`. */
  readonly path: string;
  /** The argument with which it ends at once with exit code 0. */
  readonly probe: string;
  /** Used if apt cannot compute what is missing; names differ between releases, so each is tried alone. */
  readonly likelyLibraries: readonly string[];
}

export interface UnpackedProgram {
  readonly command: string;
  /** To be added to the program's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A program to test with: on the PATH, or the distribution's package unpacked into the project's cache. Undefined if
 * neither can be had, such as without a network.
 */
export async function findProgram(
  program: DebianProgram,
  env: NodeJS.ProcessEnv,
): Promise<UnpackedProgram | undefined> {
  const command = basename(program.path);
  if ((await outputOf(command, [program.probe], { env, timeout: 5000 })) !== undefined)
    return { command, env: {} };
  if (!(await canUnpackPrograms())) return undefined;
  return await unpackedProgram(program, command, () => undefined).catch(() => undefined);
}

/** Whether this machine has apt and dpkg (Debian, Ubuntu and their relatives). */
export async function canUnpackPrograms(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const versions = ['apt-get', 'dpkg'].map((tool) => outputOf(tool, ['--version'], { timeout: 5000 }));
  return (await Promise.all(versions)).every((version) => version !== undefined);
}

/**
 * The program in a folder of the project's cache, downloaded first if it is not there or does not run. Safe to call from
 * several processes at once: each downloads into its own folder, and the first one renames it to `folder`.
 */
export async function unpackedProgram(
  program: DebianProgram,
  folder: string,
  onProgress: (message: string) => void,
): Promise<UnpackedProgram> {
  const dir = `${cacheDir}/${folder}`;
  const present = await workingProgram(program, dir);
  if (present) return present;
  onProgress(
    `Downloading the distribution’s ${program.name} into the project’s cache (once, no root needed) …`,
  );
  const partial = `${dir}.partial-${process.pid}`;
  try {
    await downloadInto(program, partial);
    if (!(await workingProgram(program, partial)))
      throw new Error(`the unpacked ${program.name} does not run`);
    await rename(partial, dir).catch(async () => {
      // Another process was faster, unless what is there was broken before.
      if (await workingProgram(program, dir)) return;
      await rm(dir, { recursive: true, force: true });
      await rename(partial, dir);
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  const unpacked = await workingProgram(program, dir);
  if (!unpacked) throw new Error(`the ${program.name} unpacked into ${dir} does not run`);
  return unpacked;
}

async function workingProgram(
  { path, probe }: DebianProgram,
  dir: string,
): Promise<UnpackedProgram | undefined> {
  const command = `${dir}/root/${path}`;
  const env = { LD_LIBRARY_PATH: (await libraryFolders(`${dir}/root`)).join(':') };
  const answer = await outputOf(command, [probe], { env: { ...process.env, ...env }, timeout: 10_000 });
  return answer === undefined ? undefined : { command, env };
}

/** `usr/lib`, `lib` and their architecture folders (`usr/lib/x86_64-linux-gnu`). */
async function libraryFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (const base of [`${root}/usr/lib`, `${root}/lib`]) {
    const entries = await readdir(base, { withFileTypes: true }).catch(() => []);
    const inside = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${base}/${name}`);
    folders.push(base, ...inside);
  }
  return folders;
}

async function downloadInto(program: DebianProgram, dir: string): Promise<void> {
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

/** The packages that an installation would add beside the program's own; undefined if apt cannot tell. */
async function missingLibraries(
  { packages }: DebianProgram,
  apt: readonly string[],
): Promise<string[] | undefined> {
  const install = ['install', '--print-uris', '--yes', '--no-install-recommends', packages[0]];
  const plan = await runTool('apt-get', [...install, ...apt]);
  if (plan.code !== 0) return undefined;
  const names = [...plan.stdout.matchAll(/^'[^']+' ([^_\s]+)_\S+\.deb /gm)].map((match) => match[1] ?? '');
  return names.filter((name) => name !== '' && !packages.includes(name));
}

async function runOrThrow(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stdout, stderr } = await runTool(command, args, { cwd, timeout: 180_000 });
  if (code === 0) return;
  throw new Error(
    `${command} ${args[0]} failed (exit code ${code}):\n${(stdout + stderr).trim().slice(-1500)}`,
  );
}
