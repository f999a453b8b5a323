import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Lanes } from './lanes.ts';

/** A task that ends when it is told to. */
function controlledTask(): {
  readonly task: () => Promise<void>;
  finish(error?: Error): void;
  started: boolean;
} {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const state = {
    started: false,
    task: () => {
      state.started = true;
      return promise;
    },
    finish: (error?: Error) => (error === undefined ? resolve() : reject(error)),
  };
  return state;
}

describe('lanes', () => {
  it('run one task of a sequence at a time, in order, and other sequences beside it', async () => {
    const lanes = new Lanes(10);
    const [a1, a2, b1] = [controlledTask(), controlledTask(), controlledTask()];
    lanes.add('a', a1.task);
    lanes.add('a', a2.task);
    lanes.add('b', b1.task);
    expect([a1.started, a2.started, b1.started]).toEqual([true, false, true]);
    a1.finish();
    await lanes.until(3);
    expect(a2.started).toBe(true);
  });

  it('run no more at once than they may', async () => {
    const lanes = new Lanes(2);
    const tasks = [controlledTask(), controlledTask(), controlledTask()];
    for (const [i, { task }] of tasks.entries()) lanes.add(`sequence ${i}`, task);
    expect(tasks.map(({ started }) => started)).toEqual([true, true, false]);
    tasks[1]?.finish();
    await lanes.until(3);
    expect(tasks.map(({ started }) => started)).toEqual([true, true, true]);
  });

  it('tell a failure once what was running has settled, and start nothing any more', async () => {
    const lanes = new Lanes(2);
    const [a1, b1, c1] = [controlledTask(), controlledTask(), controlledTask()];
    lanes.add('a', a1.task);
    lanes.add('b', b1.task);
    lanes.add('c', c1.task);
    let told = false;
    const until = lanes.until(1).catch((error: unknown) => {
      told = true;
      return error;
    });
    a1.finish(new Error('broken'));
    await Promise.resolve();
    expect(told).toBe(false);
    b1.finish();
    expect(await until).toMatchObject({ message: 'broken' });
    expect(c1.started).toBe(false);
    await expect(lanes.until(1)).rejects.toThrow('broken');
  });

  it('let others have the slot of a task that rests, which goes on when there is one again', async () => {
    const lanes = new Lanes(1);
    const [a1, b1, rested] = [controlledTask(), controlledTask(), controlledTask()];
    const steps: string[] = [];
    lanes.add('a', async () => {
      steps.push('a rests');
      await lanes.rest(rested.task);
      steps.push('a goes on');
      await a1.task();
    });
    lanes.add('b', b1.task);
    expect([steps, b1.started, lanes.resting]).toEqual([['a rests'], true, 1]);
    rested.finish();
    await turn();
    expect(steps).toEqual(['a rests']);
    b1.finish();
    await lanes.until(2);
    await turn();
    expect([steps, lanes.resting]).toEqual([['a rests', 'a goes on'], 0]);
    a1.finish();
    await lanes.until(1);
  });

  it('wake those who rest, for good when another has failed', async () => {
    const lanes = new Lanes(2);
    const steps: string[] = [];
    const untilWoken = (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    lanes.add('a', async () => {
      await lanes.rest(untilWoken);
      steps.push('woken');
      await lanes.rest(untilWoken);
      steps.push('woken again');
    });
    lanes.wake();
    await turn();
    expect(steps).toEqual(['woken']);
    lanes.add('b', () => Promise.reject(new Error('broken')));
    await expect(lanes.until(1)).rejects.toThrow('broken');
    expect(steps).toEqual(['woken']);
  });

  it('are waited for no longer than one wants to', async () => {
    const lanes = new Lanes(1);
    lanes.add('a', controlledTask().task);
    await lanes.until(1, 1);
    expect(lanes.size).toBe(1);
  });

  it('start nothing once they are closed, and wait for what runs', async () => {
    const lanes = new Lanes(2);
    const [a1, a2] = [controlledTask(), controlledTask()];
    lanes.add('a', a1.task);
    lanes.add('a', a2.task);
    let isClosed = false;
    const closing = lanes.close().then(() => {
      isClosed = true;
    });
    await Promise.resolve();
    expect(isClosed).toBe(false);
    a1.finish();
    await closing;
    expect(a2.started).toBe(false);
  });
});
