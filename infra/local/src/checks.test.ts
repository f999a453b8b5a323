import { describe, expect, it } from 'vitest';
import { checks, chooseChecks, countTests, totalsLine } from './checks.ts';

describe('chooseChecks', () => {
  it('chooses all without names, but for those that have to be asked for', () => {
    const all = checks.map(({ name }) => name);
    expect(chooseChecks([]).chosen.map(({ name }) => name)).toEqual(all.filter((name) => name !== 'compose'));
    expect(chooseChecks(['compose']).chosen.map(({ name }) => name)).toEqual(['compose']);
  });

  it('chooses by name in the order of the whole check, and takes the rest for file filters', () => {
    const { chosen, filters } = chooseChecks(['integration', 'unit', 'event-store']);
    expect(chosen.map(({ name }) => name)).toEqual(['unit', 'integration']);
    expect(filters).toEqual(['event-store']);
  });

  it('names the stages when one is unknown', () => {
    expect(() => chooseChecks(['units'])).toThrow(/"units" is no stage\. Stages: lint, .*e2e/);
    expect(() => chooseChecks(['lint', 'event-store'])).toThrow('is no stage');
  });
});

describe('countTests', () => {
  it('reads the totals of a report', () => {
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [],
    };
    expect(countTests(JSON.stringify(report))).toEqual({ passed: 5, failed: 1, skipped: 3 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}] },
    ];
    expect(countTests(JSON.stringify({ numPassedTests: 1, testResults })).failed).toBe(1);
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
