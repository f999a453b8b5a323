import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createArrivals } from './checkpoint-waiters.ts';

const never = new AbortController().signal;

/** By the end of this turn of the event loop. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([promise.then(() => true), setImmediate(false)]);
}

const orders = { name: 'orders', version: 1 };

describe('arrivals', () => {
  it('are told once a version has come to the position, or beyond it', async () => {
    const arrivals = createArrivals();
    const exactly = arrivals.at(orders, '3-900-1', 10_000, never);
    const beyond = arrivals.at(orders, '3-10-7', 10_000, never);
    arrivals.note(orders, 3, null);
    expect(await isOver(beyond)).toBe(false);
    arrivals.note(orders, 3, '900-0');
    expect(await isOver(beyond)).toBe(true);
    expect(await isOver(exactly)).toBe(false);
    arrivals.note(orders, 3, '900-1');
    expect(await isOver(exactly)).toBe(true);
  });

  it('are those of one version and one partition', async () => {
    const arrivals = createArrivals();
    const waiting = arrivals.at(orders, '3-900-0', 10_000, never);
    arrivals.note({ name: 'users', version: 1 }, 3, '999-0');
    arrivals.note({ name: 'orders', version: 2 }, 3, '999-0');
    arrivals.note(orders, 4, '999-0');
    expect(await isOver(waiting)).toBe(false);
    arrivals.note(orders, 3, '999-0');
    expect(await isOver(waiting)).toBe(true);
  });

  it('are to be waited for while a consumer of this process is behind, until it ends', async () => {
    const arrivals = createArrivals();
    expect(arrivals.isBehind(orders, '3-900-0')).toBe(false);
    arrivals.note(orders, 3, null);
    expect(arrivals.isBehind(orders, '3-900-0')).toBe(true);
    expect(arrivals.isBehind(orders, '4-900-0')).toBe(false);
    expect(arrivals.isBehind({ name: 'orders', version: 2 }, '3-900-0')).toBe(false);
    arrivals.note(orders, 3, '899-9');
    expect(arrivals.isBehind(orders, '3-900-0')).toBe(true);
    arrivals.note(orders, 3, '900-0');
    expect(arrivals.isBehind(orders, '3-900-0')).toBe(false);
    expect(arrivals.isBehind(orders, '3-900-1')).toBe(true);
    const waiting = arrivals.at(orders, '3-900-1', 10_000, never);
    expect(await isOver(waiting)).toBe(false);
    arrivals.note(orders, 3, undefined);
    expect(await isOver(waiting)).toBe(true);
    expect(arrivals.isBehind(orders, '3-900-1')).toBe(false);
  });

  it('are given up when the time is over', async () => {
    const arrivals = createArrivals();
    const began = performance.now();
    await arrivals.at(orders, '3-900-0', 20, never);
    expect(performance.now() - began).toBeGreaterThan(15);
  });

  it('are given up when the signal says so', async () => {
    const arrivals = createArrivals();
    const giveUp = new AbortController();
    const waiting = arrivals.at(orders, '3-900-0', 10_000, giveUp.signal);
    expect(await isOver(waiting)).toBe(false);
    giveUp.abort();
    expect(await isOver(waiting)).toBe(true);
    expect(await isOver(arrivals.at(orders, '3-900-0', 10_000, giveUp.signal))).toBe(true);
  });
});
