import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('turns', () => {
  it('go one after the other on one stream, in the order of asking', async () => {
    const turns = new Turns(10_000);
    const log: string[] = [];
    const work = (name: string) => async (): Promise<void> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
    };
    await Promise.all([
      turns.inTurn('a', work('1')),
      turns.inTurn('a', work('2')),
      turns.inTurn('a', work('3')),
    ]);
    expect(log).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  });

  it('do not wait for other streams, nor for ever', async () => {
    const turns = new Turns(20);
    const never = turns.inTurn('a', () => new Promise(() => undefined));
    expect(await turns.inTurn('b', async () => 'b')).toBe('b');
    expect(await turns.inTurn('a', async () => 'a')).toBe('a');
    expect(never).toBeInstanceOf(Promise);
  });

  it('pass on after a failure, which is its caller’s', async () => {
    const turns = new Turns(10_000);
    const failing = turns.inTurn('a', async () => {
      throw new Error('no');
    });
    const next = turns.inTurn('a', async () => 'next');
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('next');
  });
});
