import { expect, it } from 'vitest';
import { toMarkdown } from './markdown.ts';
import { invented } from './results.fixture.ts';

const lines = toMarkdown(invented).split('\n');

it('says when, on what machine, and how much was reached', () => {
  expect(lines[0]).toBe('Measured 14 March 2026 at 09:26 UTC, in 14 min. **2 of 3 targets reached.**');
  expect(lines).toContain('| CPU | 2 × Example \\<CPU\\> \\& co |');
});

it('has a line for every contender', () => {
  expect(lines).toContain('## append');
  expect(lines).toContain('| Row | Contender | Median | Spread | p50 ms | p99 ms |');
  expect(lines).toContain(
    '| append, 64 in flight (events/s) | Headrace | 28,912 | 27,000–30,300 | 2.10 | 4.81 |',
  );
  expect(lines).toContain('|  | two \\<b\\>XADDs\\</b\\> \\| "bare" | 25,814 | 24,265–27,053 |  |  |');
  expect(lines).toContain('- append, 64 in flight: Each append creates a stream.');
});

it('has a line for every target', () => {
  expect(lines).toContain('| ✓ | append, 64 in flight | 1.12 | × two XADDs | ≥ 1.00 |');
  expect(lines).toContain('| ✗ | append, 64 in flight | 14.999 | × Emmett | ≥ 15.0 |');
  expect(lines).toContain('| ✓ | storage latency | 2.00 | p99 ms | ≤ 10.0 |');
});

it('has as many cells in each line of a table as in its head', () => {
  const tables = toMarkdown(invented)
    .split('\n\n')
    .filter((part) => part.startsWith('|'));
  expect(tables).toHaveLength(3);
  for (const table of tables) {
    const cells = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
    expect(new Set(cells).size).toBe(1);
  }
});
