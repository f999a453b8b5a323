import { describe, expect, it } from 'vitest';
import { countTests, totalsLine } from './test-report.ts';

describe('countTests', () => {
  it('adds up files, and counts an error outside of any file as a failure', () => {
    const files = [
      { file: 'a', passed: 5, failed: 1, skipped: 2, failure: 'x' },
      { file: 'b', passed: 1, failed: 0, skipped: 1 },
    ];
    expect(countTests({ files, errors: [] })).toEqual({ passed: 6, failed: 1, skipped: 3 });
    expect(countTests({ files, errors: ['stray'] }).failed).toBe(2);
  });
});

describe('totalsLine', () => {
  it('has the form that scripts look for', () => {
    expect(totalsLine([{ passed: 3, failed: 0, skipped: 0 }])).toBe('3 passed, 0 failed');
  });

  it('adds up, and names skipped tests only if there are any', () => {
    const parts = [
      { passed: 3, failed: 0, skipped: 1 },
      { passed: 4, failed: 2, skipped: 0 },
    ];
    expect(totalsLine(parts)).toBe('7 passed, 2 failed, 1 skipped');
  });
});
