import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';
import type { FileResult, TestReport } from './test-report.ts';

/** Names the file that the reporter writes; set by `npm test`. */
export const REPORT_FILE = 'HEADRACE_TEST_REPORT';

/** Vitest reporter that writes a {@link TestReport}, with what its own JSON leaves out: hooks and stray errors. */
// biome-ignore lint/style/noDefaultExport: Vitest takes a reporter that is named on its command line as the default.
export default class TestReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], strays: readonly SerializedError[]): void {
    const files = modules.map((module) => fileResult(module, strays));
    const paths = new Set(modules.map(({ moduleId }) => moduleId));
    const errors = strays.filter((stray) => !paths.has(pathOf(stray))).map(firstLine);
    const report: TestReport = { files, errors };
    const file = process.env[REPORT_FILE];
    if (file === undefined) throw new Error(`${REPORT_FILE} names no file to write the report to.`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`);
  }
}

function fileResult(module: TestModule, strays: readonly SerializedError[]): FileResult {
  const tests = [...module.children.allTests()];
  const ofState = (state: string): number => tests.filter((test) => test.result().state === state).length;
  const failures = [
    ...tests.flatMap((test) =>
      (test.result().errors ?? []).map((error) => `${test.fullName}: ${firstLine(error)}`),
    ),
    ...[module, ...module.children.allSuites()].flatMap((suite) =>
      suite.errors().map((error) => `${nameOf(suite)}${firstLine(error)}`),
    ),
    ...strays.filter((stray) => pathOf(stray) === module.moduleId).map(firstLine),
  ];
  const [failure = module.ok() ? undefined : 'failed'] = failures;
  const failed = ofState('failed');
  return {
    file: module.relativeModuleId,
    passed: ofState('passed'),
    failed: failure === undefined ? failed : Math.max(1, failed),
    skipped: ofState('skipped') + ofState('pending'),
    ...(failure === undefined ? {} : { failure }),
  };
}

function nameOf(suite: TestModule | TestSuite): string {
  return suite.type === 'suite' ? `${suite.fullName}: ` : '';
}

/** In which file an error came up that no test awaited. */
function pathOf(stray: SerializedError): string {
  return String(stray['VITEST_TEST_PATH'] ?? '');
}

function firstLine({ name, message }: Pick<SerializedError, 'name' | 'message'>): string {
  const [line = ''] = message.split('\n');
  return name === undefined || name === 'Error' ? line : `${name}: ${line}`;
}
