import { describe, expect, it } from 'vitest';
import { filesToRunAgain, passedOnSecondRun, withSecondResults } from './second-run.ts';
import type { FileResult } from './test-report.ts';

const passed = (file: string): FileResult => ({ file, passed: 3, failed: 0, skipped: 0 });
const failed = (file: string): FileResult => ({
  file,
  passed: 2,
  failed: 1,
  skipped: 0,
  failure: 'too late',
});

describe('the files to run again', () => {
  it('are those that failed', () => {
    const files = [passed('a'), failed('b'), failed('c')];
    expect(filesToRunAgain({ files, errors: [] }).map(({ file }) => file)).toEqual(['b', 'c']);
  });

  it('are none where more than five failed: that is no slow moment', () => {
    const five = ['a', 'b', 'c', 'd', 'e'].map(failed);
    expect(filesToRunAgain({ files: five, errors: [] })).toHaveLength(5);
    expect(filesToRunAgain({ files: [...five, failed('f')], errors: [] })).toEqual([]);
  });

  it('are none where something else went wrong as well', () => {
    expect(filesToRunAgain({ files: [failed('a')], errors: ['stray'] })).toEqual([]);
  });
});

describe('a second run', () => {
  const first = { files: [passed('a'), failed('b'), failed('c')], errors: [] };
  const second = [passed('b'), failed('c')];

  it('counts in place of the first one', () => {
    expect(withSecondResults(first, second).files).toEqual([passed('a'), passed('b'), failed('c')]);
  });

  it('that passes is told of with the failure of the first one', () => {
    expect(passedOnSecondRun(first, second)).toEqual([{ file: 'b', failure: 'too late' }]);
  });
});
