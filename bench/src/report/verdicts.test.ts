import { expect, it } from 'vitest';
import { invented } from './results.fixture.ts';
import { describeVerdict, summaryOf } from './verdicts.ts';

it('marks what is reached and what is not, in both directions', () => {
  const describe = (got: number, wanted: { atLeast: number } | { atMost: number }): string =>
    describeVerdict({ of: '× two XADDs', got, wanted });
  expect(describe(1.12, { atLeast: 1 })).toBe('✓ 1.12 × two XADDs (wanted ≥ 1.00)');
  expect(describe(0.88, { atLeast: 1 })).toBe('✗ 0.88 × two XADDs (wanted ≥ 1.00)');
  expect(describe(8.2, { atMost: 15 })).toBe('✓ 8.20 × two XADDs (wanted ≤ 15.0)');
  expect(describe(15.2, { atMost: 15 })).toBe('✗ 15.2 × two XADDs (wanted ≤ 15.0)');
  expect(describe(1, { atLeast: 1 })).toContain('✓ 1.00');
});

it('does not round a near miss up to the target', () => {
  const missed = { of: '× two XADDs', got: 0.9996, wanted: { atLeast: 1 } };
  expect(describeVerdict(missed)).toBe('✗ 0.9996 × two XADDs (wanted ≥ 1.00)');
  expect(describeVerdict({ ...missed, got: 0.996 })).toBe('✗ 0.996 × two XADDs (wanted ≥ 1.00)');
});

it('misses the target where nothing was measured', () => {
  const nothing = { of: '× BullMQ', got: Number.NaN, wanted: { atLeast: 6 } };
  expect(describeVerdict(nothing)).toBe('✗ – × BullMQ (wanted ≥ 6.00)');
});

it('counts the targets of all scenarios', () => {
  expect(summaryOf(invented)).toBe('2 of 3 targets reached');
  expect(summaryOf({ ...invented, scenarios: [] })).toBe('0 of 0 targets reached');
});
