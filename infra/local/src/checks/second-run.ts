import type { FileResult, TestReport } from './test-report.ts';

/** More than so many failed files tell of more than a slow moment. */
const MOST_FILES = 5;

/** A test file that failed, and passed when it was run again alone. */
export interface PassedOnSecondRun {
  readonly file: string;
  /** The first failure of the first run. */
  readonly failure: string;
}

/** The files to run once more: those that failed, where they explain all that went wrong and are not too many. */
export function filesToRunAgain({ files, errors }: TestReport): readonly FileResult[] {
  const failed = files.filter(({ failure }) => failure !== undefined);
  return errors.length > 0 || failed.length > MOST_FILES ? [] : failed;
}

/** The report with the second results of some files in place of their first ones. */
export function withSecondResults(first: TestReport, second: readonly FileResult[]): TestReport {
  const again = new Map(second.map((result) => [result.file, result]));
  return { ...first, files: first.files.map((result) => again.get(result.file) ?? result) };
}

export function passedOnSecondRun(
  first: TestReport,
  second: readonly FileResult[],
): readonly PassedOnSecondRun[] {
  const passed = new Set(second.filter(({ failure }) => failure === undefined).map(({ file }) => file));
  return first.files.flatMap(({ file, failure }) =>
    failure !== undefined && passed.has(file) ? [{ file, failure }] : [],
  );
}
