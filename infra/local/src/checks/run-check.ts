import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cacheDir, projectDir } from '../project-paths.ts';
import { processorTime, stolenPercent } from './processor-time.ts';
import {
  filesToRunAgain,
  type PassedOnSecondRun,
  passedOnSecondRun,
  withSecondResults,
} from './second-run.ts';
import type { Check } from './stages.ts';
import { countTests, type FileResult, type TestCounts, type TestReport } from './test-report.ts';
import { REPORT_FILE } from './test-reporter.ts';

export interface CheckResult {
  readonly check: Check;
  readonly ok: boolean;
  readonly seconds: number;
  readonly counts: TestCounts;
  /** Files that failed, and passed when they were run again alone; they count as passed. */
  readonly passedOnSecondRun: readonly PassedOnSecondRun[];
  /** Share of the processor time of the first run that the host gave to other machines; undefined if unknown. */
  readonly stolenPercent: number | undefined;
}

const none: TestCounts = { passed: 0, failed: 0, skipped: 0 };
const reporter = fileURLToPath(new URL('test-reporter.ts', import.meta.url));

export interface RunCheckOptions {
  readonly filters: readonly string[];
  /** Ends the stage, which has failed then. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Runs one stage, whose output is passed on, and then the failed files that may be run again. */
export async function runCheck(check: Check, options: RunCheckOptions): Promise<CheckResult> {
  const startedAt = Date.now();
  const before = await processorTime();
  const first = await runOnce(check, options);
  const stolen = stolenPercent(before, await processorTime());
  const second = await runAgain(check, first, options);
  const report = first.report && withSecondResults(first.report, second);
  const passed = first.report === undefined ? [] : passedOnSecondRun(first.report, second);
  const counted = report === undefined ? none : countTests(report);
  const ok = !options.signal.aborted && (first.ok || passed.length > 0) && counted.failed === 0;
  return {
    check,
    ok,
    seconds: (Date.now() - startedAt) / 1000,
    // A failure without a failing test (lint, a crash) counts as one: totals must not say "0 failed" of a failed run.
    counts: ok || counted.failed > 0 ? counted : { ...counted, failed: 1 },
    passedOnSecondRun: passed,
    stolenPercent: stolen,
  };
}

interface Run {
  readonly ok: boolean;
  /** Undefined for a stage without tests, and for a run that ended before it could write one. */
  readonly report: TestReport | undefined;
}

async function runAgain(
  check: Check,
  { ok, report }: Run,
  options: RunCheckOptions,
): Promise<readonly FileResult[]> {
  if (ok || !check.secondRun || report === undefined) return [];
  const results: FileResult[] = [];
  for (const { file } of filesToRunAgain(report)) {
    if (options.signal.aborted) break;
    options.say(`\n▶ ${check.title}: ${file} once more, alone`);
    const again = await runOnce(check, { ...options, filters: [file] });
    const result = again.report?.files.find((candidate) => candidate.file === file);
    const isWhole = again.ok === (result?.failure === undefined) && again.report?.errors.length === 0;
    if (result !== undefined && isWhole) results.push(result);
  }
  return results;
}

async function runOnce(check: Check, { filters, signal }: RunCheckOptions): Promise<Run> {
  const [command = '', ...args] = check.command;
  if (!check.tests) return { ok: await succeeds(command, args, signal), report: undefined };
  const file = `${cacheDir}/test-results/${check.name}.json`;
  await rm(file, { force: true });
  args.push('--reporter=default', `--reporter=${reporter}`, ...filters);
  if (filters.length > 0) args.push('--passWithNoTests');
  const ok = await succeeds(command, args, signal, { [REPORT_FILE]: file });
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return { ok: ok && text !== undefined, report: text === undefined ? undefined : JSON.parse(text) };
}

function succeeds(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = {},
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: projectDir,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...process.env,
        ...env,
        TURBO_TELEMETRY_DISABLED: '1',
        TURBO_NO_UPDATE_NOTIFIER: '1',
        // Tests start hundreds of processes from TypeScript; Node caches the compiled code.
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
