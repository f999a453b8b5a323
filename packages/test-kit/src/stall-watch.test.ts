import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Stall, type StallWatch, watchStalls } from './stall-watch.ts';
import { standStill } from './stand-still.ts';

let watch: StallWatch;
beforeEach(() => {
  watch = watchStalls();
});
afterEach(() => watch.close());

const covers = (noted: Stall, stall: Stall): boolean =>
  noted.from <= stall.from && noted.until >= stall.until;

it('notes when and how long everything stood still', async () => {
  await sleep(100);
  const stall = standStill(600);
  await sleep(0);
  expect(watch.stalls().some((noted) => covers(noted, stall))).toBe(true);
});

it('tells two with a breath between them apart', async () => {
  const first = standStill(400);
  for (let beat = 0; beat < 6; beat += 1) await sleep(50);
  const second = standStill(400);
  await sleep(0);
  const ofFirst = watch.stalls().find((noted) => covers(noted, first));
  expect(ofFirst?.until).toBeLessThan(second.from);
  expect(watch.stalls().some((noted) => covers(noted, second))).toBe(true);
});

it('takes two without a breath between them for one', async () => {
  const first = standStill(400);
  await sleep(10);
  const second = standStill(400);
  await sleep(0);
  expect(watch.stalls().some((noted) => covers(noted, first) && covers(noted, second))).toBe(true);
});
