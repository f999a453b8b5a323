import { describe, expect, it } from 'vitest';
import { createBackgroundLoop } from './background-loop.ts';

describe('a background loop', () => {
  it('goes on at once while more is waiting, and after a failure', async () => {
    const errors: unknown[] = [];
    const done = Promise.withResolvers<void>();
    const outcomes = [
      async () => true,
      async () => true,
      async () => false,
      async () => Promise.reject(new Error('away')),
      async () => {
        done.resolve();
        return false;
      },
    ];
    const loop = createBackgroundLoop({
      work: async () => (await outcomes.shift()?.()) ?? false,
      everyMs: 1,
      onError: (error) => errors.push(error),
    });
    loop.start();
    await done.promise;
    await loop.stop();
    expect(errors).toEqual([new Error('away')]);
  });

  it('stops when the piece under way is done, and does not wait out its pause', async () => {
    const begun = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const seen: string[] = [];
    const loop = createBackgroundLoop({
      work: async () => {
        begun.resolve();
        await held.promise;
        seen.push('done');
        return false;
      },
      everyMs: 3_600_000,
      onError: () => undefined,
    });
    loop.start();
    await begun.promise;
    const stopped = loop.stop().then(() => seen.push('stopped'));
    held.resolve();
    await stopped;
    expect(seen).toEqual(['done', 'stopped']);
  });
});
