import { setTimeout as sleep } from 'node:timers/promises';
import type { Sample } from './compare.ts';

export interface OpenLoop {
  readonly perSecond: number;
  readonly seconds: number;
  operation(index: number): Promise<unknown>;
}

/**
 * Begins operations evenly spaced, whether earlier ones are done or not. Latencies count from the moment at which an
 * operation was due, so that a stall shows in all that came due meanwhile; up to 1 ms of them is the timer's.
 */
export async function openLoop({ perSecond, seconds, operation }: OpenLoop): Promise<Sample> {
  const total = Math.round(perSecond * seconds);
  const latenciesMs = new Array<number>(total);
  const startedAt = performance.now();
  const begin = async (index: number): Promise<void> => {
    await operation(index);
    latenciesMs[index] = performance.now() - startedAt - (index * 1_000) / perSecond;
  };
  const begun: Promise<void>[] = [];
  while (begun.length < total) {
    const due = 1 + Math.floor(((performance.now() - startedAt) * perSecond) / 1_000);
    while (begun.length < Math.min(due, total)) {
      const operationDone = begin(begun.length);
      // Its failure is thrown below; until then it must not count as unhandled.
      operationDone.catch(() => undefined);
      begun.push(operationDone);
    }
    await sleep(1);
  }
  await Promise.all(begun);
  return { operations: total, seconds: (performance.now() - startedAt) / 1_000, latenciesMs };
}
