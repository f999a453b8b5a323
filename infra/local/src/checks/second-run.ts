import type { FileResult, TestReport } from './test-report.ts';

/** If more files than this fail, the machine was not merely slow. */
const MOST_FILES = 5;

/** A test file that failed, and passed when it was run again alone. */
export interface PassedOnSecondRun {
  readonly file: string;
  /** The first failure of the first run. */
  readonly failure: string;
}

/** The files to run once more: the failed ones, unless they are too many or something else went wrong as well. */
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
