import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Slices } from './slices.ts';

describe('slices of work', () => {
  function start() {
    let now = 100;
    const work = (ms: number): void => {
      now += ms;
    };
    return { slices: new Slices(() => now), work };
  }

  it('end after 5 ms of a turn, and begin anew with the next one', async () => {
    const { slices, work } = start();
    expect(slices.isOver).toBe(false);
    work(4.9);
    expect(slices.isOver).toBe(false);
    work(0.1);
    expect(slices.isOver).toBe(true);
    await slices.next();
    expect(slices.isOver).toBe(false);
    work(5);
    expect(slices.isOver).toBe(true);
    await turn();
    work(60_000);
    expect(slices.isOver).toBe(false);
  });

  it('let others go first, and then each who asked', async () => {
    const { slices } = start();
    const done: string[] = [];
    setImmediate(() => done.push('others'));
    await Promise.all(['first', 'second'].map((name) => slices.next().then(() => done.push(name))));
    expect(done).toEqual(['others', 'first', 'second']);
  });

  it('are shared by all who work in a turn, of whom each gets on', async () => {
    const { slices, work } = start();
    const turns = new Map<string, number>();
    const fold = async (name: string): Promise<void> => {
      for (let event = 0; event < 20; event += 1) {
        if (slices.isOver) {
          turns.set(name, (turns.get(name) ?? 0) + 1);
          await slices.next();
        }
        work(1);
      }
    };
    await Promise.all([fold('a'), fold('b')]);
    expect(turns.get('a')).toBeLessThanOrEqual(4);
    expect(turns.get('b')).toBeGreaterThan(turns.get('a') ?? 0);
    expect(turns.get('b')).toBeLessThanOrEqual(20);
  });
});
