import { beforeAll, type RunnerTask, type RunnerTestCase } from 'vitest';
import { watchStalls } from './stall-watch.ts';

const RETRIES = 2;

/**
 * Has the tests of the file run again, up to twice, that fail while everything stands still for so long or longer:
 * they have met timeouts that they were not about. Told by timers that are late, so that code under test which blocks
 * the process for so long counts as well.
 */
export function retryAfterStalls(stallMs: number): void {
  const watch = watchStalls();
  const stoodStillDuring = ({ result }: RunnerTestCase): boolean => {
    const startedAt = result?.attempts?.at(-1)?.startTime ?? Number.POSITIVE_INFINITY;
    const within = watch.stalls().map(({ from, until }) => ({ from: Math.max(from, startedAt), until }));
    return within.some(({ from, until }) => until - from >= stallMs);
  };
  // biome-ignore lint/correctness/noEmptyPattern: Vitest asks for a pattern here, even for no fixtures.
  beforeAll(({}, file) => {
    for (const test of testsIn(file))
      test.retry = { count: RETRIES, condition: () => stoodStillDuring(test) };
  });
}

function testsIn(task: RunnerTask): readonly RunnerTestCase[] {
  return task.type === 'test' ? [task] : task.tasks.flatMap(testsIn);
}
