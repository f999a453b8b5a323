import type { Sample } from './compare.ts';

/** Does `total` operations with at most `inFlight` of them under way, each as soon as there is room for it. */
export async function keepInFlight(
  inFlight: number,
  total: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Sample> {
  const latenciesMs = new Array<number>(total);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < total) {
      const index = next;
      next += 1;
      const startedAt = performance.now();
      await operation(index);
      latenciesMs[index] = performance.now() - startedAt;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: Math.min(inFlight, total) }, lane));
  return { operations: total, seconds: (performance.now() - startedAt) / 1_000, latenciesMs };
}

/** Times one piece of work that stands for `operations` of them. */
export async function timed(operations: number, work: () => Promise<unknown>): Promise<Sample> {
  const startedAt = performance.now();
  await work();
  return { operations, seconds: (performance.now() - startedAt) / 1_000 };
}
