import { checkAll } from '../../src/checks/check-all.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { LEASE_MS, soundEvidence } from './sound-evidence.ts';

/** The violations that are found after one change to the evidence of a sound run. */
export function found(change: Partial<Evidence>): readonly string[] {
  return Object.values(checkAll({ ...soundEvidence, ...change }, LEASE_MS)).flat();
}

/** All but the first. */
export const shorter = <Item>(items: readonly Item[]): readonly Item[] => items.slice(1);
