import { describe, expect, it } from 'vitest';
import { createSpeed } from './speed.ts';

describe('speed', () => {
  it('is unknown until there are two counts', () => {
    const speed = createSpeed(10_000);
    expect(speed.perSecond()).toBe(null);
    speed.note(0, 0);
    expect(speed.perSecond()).toBe(null);
    speed.note(2_000, 500);
    expect(speed.perSecond()).toBe(250);
  });

  it('forgets what is longer ago than its window', () => {
    const speed = createSpeed(10_000);
    for (const [atMs, count] of [
      [0, 0],
      [5_000, 5_000],
      [11_000, 5_600],
    ] as const)
      speed.note(atMs, count);
    expect(speed.perSecond()).toBe(100);
  });

  it('begins anew when the count goes back', () => {
    const speed = createSpeed(10_000);
    speed.note(0, 1_000);
    speed.note(1_000, 10);
    expect(speed.perSecond()).toBe(null);
    speed.note(2_000, 30);
    expect(speed.perSecond()).toBe(20);
  });
});
