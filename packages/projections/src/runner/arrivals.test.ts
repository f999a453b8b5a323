import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createArrivals } from './arrivals.ts';

const never = new AbortController().signal;

/** By the end of this turn of the event loop. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), setImmediate(false)]);
}

describe('arrivals', () => {
  it('are told once a projection has come to the position, or beyond it', async () => {
    const arrivals = createArrivals();
    const exactly = arrivals.at('orders', '3-900-1', 10_000, never);
    const beyond = arrivals.at('orders', '3-10-7', 10_000, never);
    arrivals.note('orders', '3-900-0');
    expect(await isOver(beyond)).toBe(true);
    expect(await isOver(exactly)).toBe(false);
    arrivals.note('orders', '3-900-1');
    expect(await isOver(exactly)).toBe(true);
  });

  it('are those of one projection and one partition', async () => {
    const arrivals = createArrivals();
    const waiting = arrivals.at('orders', '3-900-0', 10_000, never);
    arrivals.note('users', '3-999-0');
    arrivals.note('orders', '4-999-0');
    expect(await isOver(waiting)).toBe(false);
    arrivals.note('orders', '3-999-0');
    expect(await isOver(waiting)).toBe(true);
  });

  it('are given up when the time is over', async () => {
    const arrivals = createArrivals();
    const began = performance.now();
    await arrivals.at('orders', '3-900-0', 20, never);
    expect(performance.now() - began).toBeGreaterThan(15);
  });

  it('are given up when the signal says so', async () => {
    const arrivals = createArrivals();
    const giveUp = new AbortController();
    const waiting = arrivals.at('orders', '3-900-0', 10_000, giveUp.signal);
    expect(await isOver(waiting)).toBe(false);
    giveUp.abort();
    expect(await isOver(waiting)).toBe(true);
    expect(await isOver(arrivals.at('orders', '3-900-0', 10_000, giveUp.signal))).toBe(true);
  });
});
