import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { StreamQueues } from './stream-queues.ts';

describe('queues of streams', () => {
  it('go one after the other on one stream, in the order of asking', async () => {
    const queues = new StreamQueues(10_000);
    const log: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
    };
    await Promise.all([queues.run('a', work('1')), queues.run('a', work('2')), queues.run('a', work('3'))]);
    expect(log).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  });

  it('do not wait for other streams, nor for ever', async () => {
    const queues = new StreamQueues(20);
    const never = queues.run('a', () => new Promise(() => undefined));
    expect(await queues.run('b', async () => 'b')).toBe('b');
    expect(await queues.run('a', async () => 'a')).toBe('a');
    expect(never).toBeInstanceOf(Promise);
  });

  it('are waited for as long as they move', async () => {
    const timers: (() => void)[] = [];
    const queues = new StreamQueues(20, (_, callback) => {
      timers.push(callback);
      return () => undefined;
    });
    const begun: string[] = [];
    const held = ['1', '2', '3'].map((name) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const work = queues.run('a', () => {
        begun.push(name);
        return promise;
      });
      return { work, finish: resolve };
    });
    const [first] = held;
    await turn();
    expect([begun, timers.length]).toEqual([['1'], 2]);
    first?.finish();
    await first?.work;
    // the third has waited for the longest time, and the first has ended meanwhile
    timers[1]?.();
    await turn();
    expect([begun, timers.length]).toEqual([['1', '2'], 3]);
    timers[2]?.();
    await turn();
    expect(begun).toEqual(['1', '2', '3']);
    for (const { finish } of held) finish();
    await Promise.all(held.map(({ work }) => work));
  });

  it('pass on after a failure, which is its caller’s', async () => {
    const queues = new StreamQueues(10_000);
    const failing = queues.run('a', async () => {
      throw new Error('no');
    });
    const next = queues.run('a', async () => 'next');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});
