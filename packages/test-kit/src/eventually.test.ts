import { describe, expect, it } from 'vitest';
import { eventually, NeverHappenedError } from './eventually.ts';

describe('eventually', () => {
  it('returns what the function returned once it no longer throws', async () => {
    let calls = 0;
    const result = await eventually(
      () => {
        calls++;
        if (calls < 3) throw new Error('not yet');
        return calls;
      },
      { intervalMs: 1 },
    );
    expect(result).toBe(3);
  });

  it('takes false for "not yet", but not zero or undefined', async () => {
    const answers = [false, 0];
    expect(await eventually(() => answers.shift(), { intervalMs: 1 })).toBe(0);
    expect(await eventually(() => undefined)).toBeUndefined();
  });

  it('says what never happened, how often it looked and why it failed last', async () => {
    const failing = eventually(
      () => {
        throw new Error('lag is 7');
      },
      { timeoutMs: 30, intervalMs: 1, what: 'The order in the read model' },
    );
    await expect(failing).rejects.toThrow(NeverHappenedError);
    await expect(failing).rejects.toThrow(
      /^The order in the read model did not come true within 30 ms \(\d+ attempts\)\. Last: lag is 7$/,
    );
  });

  it('gives up on a call that hangs', async () => {
    const hanging = eventually(() => new Promise<void>(() => undefined), { timeoutMs: 20 });
    await expect(hanging).rejects.toThrow('the first attempt has not ended');
  });
});
