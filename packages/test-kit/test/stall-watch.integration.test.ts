import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually, type StallWatchProcess, standStill, startStallWatch } from '../src/index.ts';

let watch: StallWatchProcess;
beforeEach(async () => {
  watch = await startStallWatch();
});
afterEach(() => watch.close());

it('notes a stop of everything, the watch included, as long as it was', async () => {
  process.kill(watch.pid, 'SIGSTOP');
  const { from, until } = standStill(1_500);
  process.kill(watch.pid, 'SIGCONT');
  await eventually(
    async () => {
      const noted = await watch.stalls();
      return noted.some((one) => one.from <= from && one.until >= until - 50) && noted;
    },
    { what: 'a stall of the whole time' },
  );
});

it('does not take another process’s stop, or this one’s own work, for one of the machine', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(other, 'spawn');
  other.kill('SIGSTOP');
  const own = standStill(1_500);
  other.kill('SIGKILL');
  await once(other, 'exit');
  const sameTime = (await watch.stalls()).filter(({ from, until }) => from <= own.from && until >= own.until);
  expect(sameTime).toEqual([]);
});

it('says so when it has ended', async () => {
  await watch.close();
  await expect(watch.stalls()).rejects.toThrow();
});
