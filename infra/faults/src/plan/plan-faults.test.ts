import { describe, expect, it } from 'vitest';
import { targetOf } from './faults.ts';
import { durationOf, planFaults } from './plan-faults.ts';

const options = { seconds: 40, leaseMs: 3_000, everyMs: 1_400 };
const seeds = Array.from({ length: 100 }, (_, seed) => seed);

function killed(seed: number): readonly string[] {
  return planFaults({ ...options, seed }).flatMap((fault) => (fault.kind === 'kill' ? [fault.target] : []));
}

describe('a plan', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults({ ...options, seed: 5 })).toEqual(planFaults({ ...options, seed: 5 }));
    expect(planFaults({ ...options, seed: 5 })).not.toEqual(planFaults({ ...options, seed: 6 }));
  });

  it('never does a second thing to a target before the first is over', () => {
    for (const seed of seeds) {
      const freeAt = new Map<string, number>();
      for (const fault of planFaults({ ...options, seed })) {
        expect(freeAt.get(targetOf(fault)) ?? 0).toBeLessThanOrEqual(fault.atMs);
        freeAt.set(targetOf(fault), fault.atMs + durationOf(fault));
      }
    }
  });

  it('kills workers, and a server, in every run of the default length', () => {
    for (const seed of seeds) {
      const kinds = planFaults({ ...options, seed }).map(({ kind }) => kind);
      expect(kinds.filter((kind) => kind === 'kill').length, `seed ${seed}`).toBeGreaterThan(1);
      expect(kinds.length, `seed ${seed}`).toBeGreaterThan(12);
    }
    for (const api of ['order-api', 'event-api'])
      expect(
        seeds.filter((seed) => killed(seed).some((target) => target.startsWith(api))).length,
      ).toBeGreaterThan(90);
    const all = seeds.flatMap((seed) => planFaults({ ...options, seed }).map(({ kind }) => kind));
    expect(new Set(all).size).toBe(10);
  });

  it('makes zombies: some stops outlast the lease', () => {
    const stops = seeds.flatMap((seed) =>
      planFaults({ ...options, seed }).filter(({ kind }) => kind === 'stop'),
    );
    expect(stops.some((fault) => durationOf(fault) > options.leaseMs)).toBe(true);
    expect(stops.some((fault) => durationOf(fault) < options.leaseMs / 2)).toBe(true);
  });

  it('only stops extra instances that it started', () => {
    for (const seed of seeds) {
      const scaling = planFaults({ ...options, seed, seconds: 120 }).filter(({ kind }) =>
        kind.startsWith('scale'),
      );
      for (const ofOne of Map.groupBy(scaling, targetOf).values()) {
        const alternating = ofOne.map((_, index) => (index % 2 === 0 ? 'scale-up' : 'scale-down'));
        expect(ofOne.map(({ kind }) => kind)).toEqual(alternating);
      }
    }
  });
});
