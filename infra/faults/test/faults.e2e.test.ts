import { expect, it } from 'vitest';
import { describeResult } from '../src/report.ts';
import { runFaults } from '../src/run.ts';

/** Another seed each day, the same all day long: a failure can be repeated, and luck does not last. */
const seed = Math.floor(Date.now() / 86_400_000);

it('keeps every promise under kills, stops, lost replies and scaling', async () => {
  const result = await runFaults({ seed, seconds: 22 });
  expect(result.violations, describeResult(seed, result)).toEqual([]);
  expect(result.events).toBeGreaterThan(300);
  expect(result.hits).toBeGreaterThan(0);
}, 300_000);
