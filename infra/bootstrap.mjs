// Behind `npm start`, `npm test` and the other npm scripts: makes sure that the dependencies are installed,
// then runs the task on the project's own Node. Needs nothing but Node 20, so it has no dependencies, and no syntax
// that an older Node could not read: that one has to get as far as the message below.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldestNode = 20;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stampFile = join(root, 'node_modules', '.headrace-install');
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const tasks = {
  start: 'infra/local/src/start.ts',
  test: 'infra/local/src/test.ts',
  demo: 'infra/local/src/demo.ts',
  clean: 'infra/local/src/clean.ts',
  log: 'infra/operations/src/main.ts',
  faults: 'infra/faults/src/main.ts',
  fuzz: 'infra/fuzz/src/main.ts',
  bench: 'bench/src/main.ts',
};

const [task, ...taskArgs] = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < oldestNode) {
  fail(`Headrace needs Node ${oldestNode} or newer, and this is ${process.version}. See https://nodejs.org.`);
} else if (!Object.hasOwn(tasks, task)) {
  fail(`Unknown task "${task}". Tasks: ${Object.keys(tasks).join(', ')}.`);
} else {
  main();
}

function main() {
  // Data can be removed without installing anything first; everything else needs the dependencies.
  const pnpmDir = task === 'clean' && !existsSync(stampFile) ? cleanUninstalled() : ensureInstalled();
  if (pnpmDir !== undefined) runTask(pnpmDir);
}

/** Without an installation there is no launcher that could run, and nothing it could have left. */
function cleanUninstalled() {
  if (existsSync(join(root, '.data'))) return ensureInstalled();
  console.log('Nothing to remove: there is no .data.');
  return undefined;
}

/** Installs when lockfile or platform changed since the last time. Returns the folder of the pnpm executable. */
function ensureInstalled() {
  const stamp = readStamp();
  const fingerprint = installFingerprint();
  if (stamp.fingerprint === fingerprint && existsSync(node) && existsSync(join(stamp.pnpmDir, 'pnpm'))) {
    return stamp.pnpmDir;
  }
  const pnpm = `pnpm@${pnpmVersion()}`;
  const startedAt = Date.now();
  console.log(`Installing the dependencies with ${pnpm} (the first time takes a minute or two) …`);
  const env = { ...process.env, CI: 'true' };
  // One npx call both installs and says where it keeps pnpm: turbo needs it on the PATH.
  const script = 'pnpm install --frozen-lockfile && echo && echo "pnpm is $(command -v pnpm)"';
  const result = spawnSync('npx', ['--yes', '--package', pnpm, '--call', script], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = `${result.stdout || ''}${result.stderr || ''}`;
  const pnpmPath = /^pnpm is (.+)$/m.exec(result.stdout || '');
  if (result.status !== 0 || !pnpmPath || !existsSync(node)) {
    console.error(output);
    fail(
      `The installation failed${result.error ? `: ${result.error.message}` : ''}. Its output stands above.`,
    );
    process.exit();
  }
  console.log(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  const pnpmDir = dirname(pnpmPath[1]);
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, `${JSON.stringify({ fingerprint, pnpmDir })}\n`);
  return pnpmDir;
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return { fingerprint: '', pnpmDir: '' };
  }
}

/** Changes when other packages would be installed: another lockfile, other settings, another kind of machine. */
function installFingerprint() {
  const hash = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, file)));
  const libc = process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'other';
  return hash.update([pnpmVersion(), process.platform, process.arch, libc].join()).digest('hex');
}

function pnpmVersion() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devEngines.packageManager.version;
}

function runTask(pnpmDir) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH, pnpmDir].join(delimiter);
  const args = ['--conditions=@headrace/source', '--import', 'tsx', tasks[task], ...taskArgs];
  const child = spawn(node, args, { cwd: root, env: { ...process.env, PATH: path }, stdio: 'inherit' });
  // The child stops everything in order; here it is only waited for. A terminal's Ctrl-C reaches it directly as well,
  // and it takes two in a row for one. (The npm scripts start with `exec`: a shell in between would not hand signals on.)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`The task could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code === null ? 128 + constants.signals[signal] : code;
  });
}

function fail(message) {
  console.error(message);
  process.exitCode = 1;
}
