import { expect, it } from 'vitest';
import { type Stall, StallWatch } from './stall-watch.ts';

function stallsOf(startedAt: number, ...beats: readonly number[]): readonly Stall[] {
  const watch = new StallWatch(startedAt);
  for (const at of beats) watch.beat(at);
  return watch.stalls;
}

it('notes from which beat to which everything stood still', () => {
  expect(stallsOf(1_000, 1_050, 1_100, 1_700, 1_750)).toEqual([{ from: 1_100, until: 1_700 }]);
});

it('takes no beat for a stall that is late by less than 250 ms', () => {
  expect(stallsOf(1_000, 1_299, 1_598)).toEqual([]);
  expect(stallsOf(1_000, 1_300)).toEqual([{ from: 1_000, until: 1_300 }]);
});

it('tells two with a breath between them apart', () => {
  expect(stallsOf(1_000, 1_400, 1_450, 1_500, 1_550, 1_950)).toEqual([
    { from: 1_000, until: 1_400 },
    { from: 1_550, until: 1_950 },
  ]);
});

it('takes two without a breath between them for one', () => {
  expect(stallsOf(1_000, 1_400, 1_450, 1_900)).toEqual([{ from: 1_000, until: 1_900 }]);
});
