/** Totals of tests. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The result of one test file. A file that failed without a failing test (a hook, an import) has one failure. */
export interface FileResult extends TestCounts {
  /** Relative to the project's folder. */
  readonly file: string;
  /** The first failure in one line; undefined when the file passed. */
  readonly failure?: string;
}

/** What a run of tests writes for `npm test`. */
export interface TestReport {
  readonly files: readonly FileResult[];
  /** Errors outside of any test file. */
  readonly errors: readonly string[];
}

/** All tests of a report; an error outside of any file counts as one failure. */
export function countTests({ files, errors }: TestReport): TestCounts {
  const { passed, failed, skipped } = sumOf(files);
  return { passed, failed: failed + errors.length, skipped };
}

export function sumOf(counts: readonly TestCounts[]): TestCounts {
  const sum = (key: keyof TestCounts): number => counts.reduce((total, one) => total + one[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** `12 passed, 0 failed`, and `, 1 skipped` if there are any: the line that scripts look for. */
export function totalsLine(counts: readonly TestCounts[]): string {
  const { passed, failed, skipped } = sumOf(counts);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
