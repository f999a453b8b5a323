import { describe, expect, it } from 'vitest';
import { DeadlineExceededError, within } from './within.ts';

const never = () => new Promise<never>(() => undefined);

describe('within a deadline', () => {
  it('work has its own outcome', async () => {
    expect(await within(10_000, async () => 'done')).toBe('done');
    const failing = within(10_000, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const failingAtOnce = within(10_000, () => {
      throw new Error('at once');
    });
    await expect(failingAtOnce).rejects.toThrow('at once');
  });

  it('work that takes too long is given up', async () => {
    await expect(within(5, never)).rejects.toThrow(DeadlineExceededError);
    await expect(within(5, never)).rejects.toMatchObject({ timeoutMs: 5 });
  });

  it('the timer may be another one, and is always stopped', async () => {
    const running = new Set<() => void>();
    const timer = (_ms: number, callback: () => void) => {
      running.add(callback);
      return () => running.delete(callback);
    };
    const given = within(1, never, timer);
    for (const ring of running) ring();
    await expect(given).rejects.toThrow(DeadlineExceededError);
    await within(1, async () => undefined, timer);
    expect(running.size).toBe(0);
  });
});
