import type { Evidence } from '../evidence/evidence.ts';
import { describeFault } from '../plan/faults.ts';

/** The watch has seen all of what was made to stand still: what it did not see would excuse nothing. */
export function checkStalls({ injected, stalls }: Pick<Evidence, 'injected' | 'stalls'>): readonly string[] {
  return injected.flatMap(({ fault, from, until }) => {
    if (fault.kind !== 'stand-still') return [];
    const seen = stalls.map((stall) => Math.min(stall.until, until) - Math.max(stall.from, from));
    const longest = Math.max(0, ...seen);
    return longest >= fault.forMs ? [] : [`of "${describeFault(fault)}" the watch has seen ${longest} ms`];
  });
}
