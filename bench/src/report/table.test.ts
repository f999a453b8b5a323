import { expect, it } from 'vitest';
import { invented } from './results.fixture.ts';
import { describeResults, describeRow } from './table.ts';

it('shows contenders, spread, latency and verdicts of a row', () => {
  const text = describeResults(invented);
  expect(text).toContain('append, 64 in flight (events/s)');
  expect(text).toMatch(/│ Headrace +│ +28,912 │ 27,000–30,300 │ +2\.10 │ +4\.81 │/);
  expect(text).toMatch(/│ two <b>XADDs<\/b> \| "bare" │ +25,814 │ 24,265–27,053 │ +– │ +– │/);
  expect(text).toContain('  Each append creates a stream.\n');
  expect(text).toContain('  ✓ 1.12 × two XADDs (wanted ≥ 1.00)\n');
  expect(text).toContain('  ✗ 14.999 × Emmett (wanted ≥ 15.0)\n');
});

it('begins with the machine and ends with the count', () => {
  const lines = describeResults(invented).split('\n');
  expect(lines[0]).toBe('Measured 14 March 2026 at 09:26 UTC, in 14 min');
  expect(lines).toContain('Redis: 7.0.15');
  expect(lines.at(-1)).toBe('2 of 3 targets reached');
});

it('has no latency columns where no latency was measured', () => {
  const text = describeRow({
    title: 'memory',
    unit: '× payload',
    measured: [{ name: 'Headrace', value: { median: 1.28, low: 1.27, high: 1.29 } }],
    verdicts: [],
  });
  expect(text).toContain('1.27–1.29');
  expect(text).not.toContain('p50');
});

it('stays under 110 columns, whatever is said', () => {
  const long = 'a rather long way of saying what was compared with what '.repeat(5).trim();
  const value = { median: 1_234_567_890, low: 1_134_567_890, high: 1_334_567_890 };
  const text = describeRow({
    title: long,
    unit: 'events/s',
    measured: [{ name: long, value, latencyMs: { p50: 12_345, p99: 123_456 } }],
    verdicts: [{ of: long, got: 1, wanted: { atLeast: 1 } }],
    note: long,
  });
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(110);
  expect(text.match(/rather/g)).toHaveLength(20);
});
