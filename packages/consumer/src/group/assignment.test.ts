import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from './assignment.ts';

const members = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 12 });
const partitions = fc.constantFrom(1, 2, 3, 8, 16, 31);

function countOf(owners: readonly (string | null)[], member: string): number {
  return owners.filter((owner) => owner === member).length;
}

function nobody(count: number): null[] {
  return Array.from({ length: count }, () => null);
}

describe('assign', () => {
  it('gives every partition to somebody, and each member its fair share', () => {
    fc.assert(
      fc.property(members, partitions, fc.infiniteStream(fc.nat()), (all, count, dice) => {
        const owners = nobody(count).map(() => {
          const [roll] = [...dice.take(1)];
          return (roll ?? 0) % 3 === 0 ? 'somebody who left' : (all[(roll ?? 0) % all.length] ?? null);
        });
        const assigned = assign(all, owners);
        for (const member of all) {
          expect(countOf(assigned, member)).toBeGreaterThanOrEqual(Math.floor(count / all.length));
          expect(countOf(assigned, member)).toBeLessThanOrEqual(Math.ceil(count / all.length));
        }
        expect(assigned).not.toContain(null);
      }),
    );
  });

  it('is the same for everybody who sees the same, in whatever order', () => {
    fc.assert(
      fc.property(members, partitions, (all, count) => {
        expect(assign([...all].reverse(), nobody(count))).toEqual(assign(all, nobody(count)));
      }),
    );
  });

  it('moves nothing once it is fair', () => {
    fc.assert(
      fc.property(members, partitions, (all, count) => {
        const settled = assign(all, nobody(count));
        expect(assign(all, settled)).toEqual(settled);
      }),
    );
  });

  it('moves only what a newcomer needs and what a leaver had', () => {
    fc.assert(
      fc.property(members, partitions, (all, count) => {
        const before = assign(all, nobody(count));
        const joined = assign([...all, 'newcomer'], before);
        const moved = joined.filter((owner, i) => owner !== before[i]);
        expect(moved.every((owner) => owner === 'newcomer')).toBe(true);
        expect(moved.length).toBeLessThanOrEqual(Math.ceil(count / (all.length + 1)));
        const [leaver = ''] = all;
        const left = assign(all.slice(1), before);
        expect(countOf(before, leaver)).toBeLessThanOrEqual(Math.ceil(count / all.length));
        const stay = before.flatMap((owner, i) => (owner === leaver ? [] : [i]));
        if (all.length > 1) expect(stay.map((i) => left[i])).toEqual(stay.map((i) => before[i]));
      }),
    );
  });

  it('gives nothing to nobody', () => {
    expect(assign([], ['a', null])).toEqual([null, null]);
  });
});
