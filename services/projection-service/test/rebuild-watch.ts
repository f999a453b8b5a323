import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RunningService } from './running-service.ts';

/** Somebody who asks all the time. */
export interface QueryWatch {
  /** Stops asking; throws where an answer was none, else says in a line how long answers took. */
  end(): Promise<string>;
}

const EVERY_MS = 20;

/** Sends the query to all instances in turn. */
export function watchQueries(instances: readonly RunningService[], query: string): QueryWatch {
  const tookMs: number[] = [];
  let ended = false;
  async function run(): Promise<void> {
    while (!ended) {
      const service = instances[tookMs.length % instances.length];
      const startedAt = performance.now();
      const answer = await service?.get(query);
      tookMs.push(performance.now() - startedAt);
      expect(answer?.status, JSON.stringify(answer?.body)).toBe(200);
      await sleep(EVERY_MS);
    }
  }
  const running = run();
  // told by `end`
  running.catch(() => undefined);
  return {
    end: async () => {
      ended = true;
      await running;
      const sorted = tookMs.toSorted((a, b) => a - b);
      const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
      return `${sorted.length} queries in ${at(0.5)} ms (median), ${at(0.99)} ms (99th), ${at(1)} ms at most`;
    },
  };
}
