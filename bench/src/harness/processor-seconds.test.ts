import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { processorSeconds, timeIn } from './processor-seconds.ts';

it('reads parent and time of a process whatever its name', () => {
  const stat = '77 (a (b) c) S 12 77 77 0 -1 4194304 1 2 3 4 150 50 7 3 20 0 1 0 100 1 1';
  expect(timeIn(stat)).toEqual({ parent: 12, ticks: 210 });
});

it.runIf(process.platform === 'linux')('counts what an ended child took', async () => {
  const before = await processorSeconds([process.pid]);
  spawnSync(process.execPath, ['-e', 'while (process.cpuUsage().user < 300_000);']);
  expect((await processorSeconds([process.pid])) - before).toBeGreaterThan(0.25);
});
