import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { cacheDir, projectDir } from './paths.ts';

/** Totals of tests. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** One stage of the whole check. */
export interface Check {
  readonly name: string;
  readonly title: string;
  readonly command: readonly string[];
  /** A vitest project: its tests are counted, and file filters apply to it. */
  readonly tests: boolean;
  /** Not part of `npm test` as such. Default false. */
  readonly onlyByName?: boolean;
}

export interface CheckResult {
  readonly check: Check;
  readonly ok: boolean;
  readonly seconds: number;
  readonly counts: TestCounts;
}

const none: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** All stages in their order: the quick ones first, so that a slip is seen early. */
export const checks: readonly Check[] = [
  { name: 'lint', title: 'Lint and format (Biome)', command: ['biome', 'check'], tests: false },
  { name: 'boundaries', title: 'Dependency rule (turbo)', command: ['turbo', 'boundaries'], tests: false },
  {
    name: 'types',
    title: 'Types (TypeScript)',
    command: ['tsc', '-p', 'tsconfig.json'],
    tests: false,
  },
  { name: 'unit', title: 'Unit tests', command: ['vitest', 'run', '--project', 'unit'], tests: true },
  {
    name: 'integration',
    title: 'Integration tests (real Redis and PostgreSQL)',
    // They wait more than they work: three at once on two cores.
    command: ['vitest', 'run', '--project', 'integration', '--maxWorkers=3'],
    tests: true,
  },
  {
    name: 'e2e',
    title: 'End-to-end tests (real processes)',
    // Whole systems, each with servers and ports of its own, that wait more than they work: two at once.
    command: ['vitest', 'run', '--project', 'e2e', '--maxWorkers=2'],
    tests: true,
  },
  {
    name: 'compose',
    title: 'The system in containers (needs a Docker engine)',
    command: ['vitest', 'run', '--project', 'compose'],
    tests: true,
    onlyByName: true,
  },
];

/** Chooses stages by name; what is no name filters test files. Throws when filters have no stage to apply to. */
export function chooseChecks(args: readonly string[]): {
  chosen: readonly Check[];
  filters: readonly string[];
} {
  const filters = args.filter((arg) => !checks.some(({ name }) => name === arg));
  const chosen = checks.filter(({ name }) => args.includes(name));
  if (filters.length > 0 && !chosen.some(({ tests }) => tests)) {
    const names = checks.map(({ name }) => name).join(', ');
    throw new Error(
      `"${filters[0]}" is no stage. Stages: ${names}; behind a test stage, parts of file names.`,
    );
  }
  return {
    chosen: chosen.length > 0 ? chosen : checks.filter(({ onlyByName }) => onlyByName !== true),
    filters,
  };
}

/** Runs one stage with its output passed through; asked to by the signal, it is ended and has failed. */
export async function runCheck(
  check: Check,
  filters: readonly string[],
  signal: AbortSignal,
): Promise<CheckResult> {
  const startedAt = Date.now();
  const report = `${cacheDir}/test-results/${check.name}.json`;
  const [command = '', ...args] = check.command;
  if (check.tests) {
    await mkdir(`${cacheDir}/test-results`, { recursive: true });
    await rm(report, { force: true });
    args.push('--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters);
    if (filters.length > 0) args.push('--passWithNoTests');
  }
  const ok = (await succeeds(command, args, signal)) && !signal.aborted;
  const counted = check.tests ? countTests(await readFile(report, 'utf8').catch(() => '{}')) : none;
  // What fails without a failing test (a check, a file that cannot be loaded, a crash) is one failure: the totals must
  // never say "0 failed" of a run that failed.
  const counts = ok || counted.failed > 0 ? counted : { ...counted, failed: 1 };
  return { check, ok: ok && counts.failed === 0, seconds: (Date.now() - startedAt) / 1000, counts };
}

function succeeds(command: string, args: readonly string[], signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectDir,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        TURBO_TELEMETRY_DISABLED: '1',
        TURBO_NO_UPDATE_NOTIFIER: '1',
        // tests start hundreds of processes from TypeScript: Node keeps what it made of it
        NODE_COMPILE_CACHE: `${cacheDir}/node`,
      },
    });
    child.once('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      resolve(false);
    });
    const end = (): boolean => child.kill('SIGTERM');
    signal.addEventListener('abort', end);
    child.once('close', (code) => {
      signal.removeEventListener('abort', end);
      resolve(code === 0);
    });
  });
}

/** Reads Vitest's JSON report; a test file that could not even be loaded counts as one failed test. */
export function countTests(report: string): TestCounts {
  const parsed = JSON.parse(report) as {
    readonly numPassedTests?: number;
    readonly numFailedTests?: number;
    readonly numPendingTests?: number;
    readonly numTodoTests?: number;
    readonly testResults?: readonly {
      readonly status: string;
      readonly assertionResults: readonly unknown[];
    }[];
  };
  const unloadable = (parsed.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: parsed.numPassedTests ?? 0,
    failed: (parsed.numFailedTests ?? 0) + unloadable.length,
    skipped: (parsed.numPendingTests ?? 0) + (parsed.numTodoTests ?? 0),
  };
}

/** `12 passed, 0 failed`, and `, 1 skipped` if there are any: the line that scripts look for. */
export function totalsLine(results: readonly TestCounts[]): string {
  const sum = (key: keyof TestCounts): number => results.reduce((total, counts) => total + counts[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
